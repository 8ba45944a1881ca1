"""What the command line's options come to: a report on stdout, or the TUI. Progress goes to stderr alone."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from rich.console import Console

from diagnose import engine, own_program
from diagnose.about import say
from diagnose.asking import check_tunable
from diagnose.baseline import known_findings
from diagnose.controls import Controls
from diagnose.events import Finished
from diagnose.model import Diagnosis, InputError, Severity, printable, redacted
from diagnose.options import OPTIONS, Options, format_of, one_of, refuse
from diagnose.progress import ProgressView
from diagnose.registry import choose, load_checks
from diagnose.report import FOR_READERS, render
from diagnose.report.closing import next_commands
from diagnose.report.subject import Subject, examined_line
from diagnose.report.text import render_text
from diagnose.request import Request

if TYPE_CHECKING:
    from diagnose.fixes.draft import Draft

OK, FINDINGS, NOT_EXAMINED, INTERRUPTED = 0, 1, 3, 130


def run(options: Options) -> int:
    """The exit code. Raises InputError for wrong use."""
    report_format = format_of(options)
    for name in ("fail_on", "device"):
        one_of(OPTIONS[name], getattr(options, name))
    if options.select or options.ignore:
        choose(load_checks(), options.select, options.ignore)
    refuse(options)
    known = known_findings(options.baseline)
    if options.tune:
        check_tunable(options)
    if options.in_terminal:
        if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") == "dumb":
            raise InputError("The TUI needs a terminal: add --report to print the report.")
        from diagnose.tui.app import show

        show(
            options,
            open_at_once=options.data is not None
            or options.log is not None
            or (options.config is not None and not options.settings_file),
        )
        return OK
    if options.lsp:
        return _serve(options)
    if options.watch:
        return _watch(options)
    asked = (options.data, options.config, options.model, options.log, options.checkpoint)
    if all(one is None for one in asked):
        raise InputError("Which images? Give their folder: diagnose DATA --report; or a program with --config.")
    if options.settings_file:
        _log(f"settings: {options.settings_file}")
    with _written_whole(options.output) as write:
        diagnosis = _watched(options, options.quiet)
        text = render(diagnosis, report_format, _subject(diagnosis, options, report_format in FOR_READERS))
        if options.fix:
            say(_patched(options, diagnosis))
        elif options.tune:
            say(_tuned(options, diagnosis))
        else:
            readable = sys.stdout.isatty() and options.format in (None, "text")  # the file has its own format
            say(_shown(diagnosis, options) if readable else text)
        write(text)  # at last: a full disk costs the file, not the report
    if known:
        new = sum(finding.fingerprint not in known for finding in diagnosis.findings)
        _log(f"of {len(diagnosis.findings)} findings {new} are not in the baseline")
    return exit_code(diagnosis, options.fail_on, known)


def _watch(options: Options) -> int:
    """Scans once, then writes an event a line for each time that the program is saved, until its reader leaves or
    Ctrl-C ends it."""
    from diagnose.rereading import Rereading
    from diagnose.watching import watched

    scanned = _watched(replace(options, config=None, probes=False), options.quiet)
    if scanned.interrupted:
        return INTERRUPTED
    stop = threading.Event()
    with _ended_by_signals(stop):
        for event in watched(Rereading(options, scanned.evidence), stop):
            if not say(json.dumps(event) + "\n"):
                return OK
    return INTERRUPTED


def _serve(options: Options) -> int:
    """Serves an editor until it leaves. Raises InputError where the library for that is missing."""
    if importlib.util.find_spec("pygls") is None:
        raise InputError("--lsp needs pygls: pip install 'diagnose-training[lsp]'.")
    from diagnose.lsp.server import serve

    serve(options)
    return OK


def _patched(options: Options, diagnosis: Diagnosis) -> str:
    """The patch; with --apply it is written as well. What is left, and what the patch gains, goes to stderr."""
    from diagnose.fixes.draft import Draft
    from diagnose.fixes.plan import fix_all

    with Draft(str(options.config)) as draft:
        left = fix_all(draft, diagnosis)
        for code, why in left.items():
            _log(f"{code} is left to you: {why}")
        if options.verify and options.run and draft.edits and not diagnosis.interrupted:
            if options.ray:
                _log("both programs run on this machine: the patched one is a temporary copy here")
            _log(own_program.gain(str(options.config), draft.given, options.budget, options.offline, _log))
        elif options.verify and draft.edits and not diagnosis.interrupted:
            _log(_gain(replace(options, probes=True, model=None, against=draft.given), options.quiet))
        return _patch(draft, options)


def _tuned(options: Options, diagnosis: Diagnosis) -> str:
    """The patch to the better recipe, empty where none was confirmed; with --apply it is written as well. What the
    search came to, and what is left, goes to stderr."""
    from diagnose.fixes.draft import Draft
    from diagnose.report.tuned import tuned_line
    from diagnose.tuned import propose

    if diagnosis.tuning is None:
        why = next(
            (gap.why for gap in diagnosis.not_examined if gap.code == "tuning"), "it was interrupted before it began"
        )
        _log(f"Nothing was tuned: {why}.")
        return ""
    _log(tuned_line(diagnosis.tuning))
    if not diagnosis.tuning.better:
        return ""
    with Draft(str(options.config)) as draft:
        for line in propose(draft, diagnosis):
            _log(line)
        return _patch(draft, options)


def _patch(draft: Draft, options: Options) -> str:
    """The draft as a patch; with --apply it is written as well."""
    for edit in draft.edits if options.apply else ():
        backup = edit.write()
        _log(f"{edit.path} is changed; the old one is {backup}")
    return "".join(edit.diff for edit in draft.edits)


def _gain(request: Request, quiet: bool) -> str:
    """What the second configuration of the request gains over the first, measured by paired probes."""
    from diagnose.report.verified import gained

    return gained(_watched(replace(request, against_settings=request.settings), quiet))


def _log(text: str) -> None:
    sys.stderr.write(f"{printable(redacted(text))}\n")


def exit_code(diagnosis: Diagnosis, fail_on: str, known: Set[str] = frozenset()) -> int:
    """By the contract; interrupted before findings, findings before what could not be examined.

    known: fingerprints that do not count.
    """
    if diagnosis.interrupted:
        return INTERRUPTED
    new = [finding.severity for finding in diagnosis.findings if finding.fingerprint not in known]
    errors, warnings = new.count(Severity.ERROR), new.count(Severity.WARNING)
    if fail_on != "never" and (errors or (warnings and fail_on == "warning")):
        return FINDINGS
    return NOT_EXAMINED if diagnosis.incomplete else OK


def _shown(diagnosis: Diagnosis, options: Options) -> str:
    """The report for the terminal: the verdict stands last, with what to type next."""
    subject = _subject(diagnosis, options)
    closing = (examined_line(diagnosis, subject), *next_commands(diagnosis, subject, options.verbose))
    colour = not os.environ.get("NO_COLOR")
    return render_text(diagnosis, Console().width, colour, closing, options.verbose)


def _subject(diagnosis: Diagnosis, options: Options, with_patches: bool = False) -> Subject:
    """What was examined; its patches cost a reading of the program for each finding."""
    settings = str(options.settings_file) if options.settings_file else None
    if not with_patches or options.config is None:
        return Subject(options.data, options.config, settings=settings)
    from diagnose.fixes.plan import patches, readable

    return Subject(options.data, options.config, readable(patches(options.config, diagnosis)), settings)


@contextmanager
def _written_whole(path: str | None) -> Iterator[Callable[[str], None]]:
    """A writer for the file, which appears whole or not at all. That it can be written is found out first,
    before minutes of probes; without a path the writer does nothing."""
    if path is None:
        yield lambda text: None
        return
    target = Path(path)
    try:
        if target.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        handle, draft = tempfile.mkstemp(dir=target.absolute().parent, prefix=f".{target.name}.")
    except OSError as fault:
        raise InputError(f"--output {path} cannot be written ({fault.strerror}): choose another place.") from None

    def write(text: str) -> None:
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(draft, 0o666 & ~umask)
            os.replace(draft, target)
        except OSError as fault:
            raise InputError(f"--output {path} could not be written ({fault.strerror}): the report is above.") from None

    try:
        yield write
    finally:
        Path(draft).unlink(missing_ok=True)


def _watched(request: Request, quiet: bool) -> Diagnosis:
    """Runs the engine, with progress on stderr unless it is to be quiet. Ctrl-C and SIGTERM end it early, with what is
    known by then."""
    stop = threading.Event()
    view = ProgressView(Console(stderr=True, quiet=quiet), request.budget if request.probes else 0.0)
    with _ended_by_signals(stop), view.shown():
        for event in engine.diagnose(request, Controls(stop)):
            view.show(event)
            if isinstance(event, Finished):
                return event.diagnosis
    raise RuntimeError("the engine ended without a diagnosis")


@contextmanager
def _ended_by_signals(stop: threading.Event) -> Iterator[None]:
    """Within it Ctrl-C and SIGTERM set `stop`, wherever they come: an exception could be lost where it falls."""

    def end(signal_number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt  # the second time a person means it
        stop.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
