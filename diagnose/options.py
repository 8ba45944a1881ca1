"""The command line as typed, and what of it cannot go together, has no effect, or has a wrong ending."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from diagnose.model import InputError, printable
from diagnose.report import ENDINGS, FORMATS
from diagnose.request import Option, Request, options_of

# Formats whose files end as those of another one.
ENDS_AS = {"json1": "json", "sarif": "json", "gitlab": "json", "comment": "markdown"}
LEFT_OUT = "leave it out"
# Options that only probes read, and a network of the person's own.
OF_PROBES = ("device", "weights", "arch")
# Options that only a report reads: the TUI has them on its screens, or not at all.
OF_REPORT = ("quiet", "verbose", "fail_on", "baseline")
# What --watch, which reads and nothing else, leaves out.
NOT_WATCHED = ("report", "format", "output", "verbose", "fail_on", "baseline", "fix", "against", "model", "checkpoint",
               "snippet", "budget", "lsp")  # fmt: skip
FAIL_ON = ("error", "warning", "never")
SERVED = frozenset(("lsp", "select", "ignore"))  # what may be typed with --lsp


@dataclass(frozen=True)
class Options(Request):
    """The command line as typed, over what the project's settings say: the request, and what becomes of its answer."""

    program: Annotated[
        str | None,
        Option("Training program or configuration, as --config takes it; also without DATA.", bare=True, after="data"),
    ] = None
    report: Annotated[bool, Option("Print the report and exit, in place of the TUI.", after="snippet")] = False
    format: Annotated[
        str | None,
        Option(
            "text, json (json1: version 1), markdown, html, sarif, junit, gitlab or comment; also by the ending of "
            "--output.",
            ("--format", "-f"),
            FORMATS,
            kept=True,
        ),
    ] = None
    output: Annotated[str | None, Option("Write the report to a file as well.", ("--output", "-o"))] = None
    quiet: Annotated[bool, Option("Show no progress on stderr.", ("--quiet", "-q"))] = False
    verbose: Annotated[
        bool, Option("In a terminal: also the classes, and what was not examined.", ("--verbose", "-v"))
    ] = False
    fail_on: Annotated[
        str, Option("Exit 1 from this severity on: error, warning or never.", words=FAIL_ON, kept=True)
    ] = "error"
    baseline: Annotated[
        str | None, Option("An earlier JSON report: what it found does not fail this run.", kept=True, path=True)
    ] = None
    fix: Annotated[bool, Option("Print a patch of what can be fixed, in place of the report.")] = False
    verify: Annotated[bool, Option("With --fix: measure by paired probes what the patch gains.")] = False
    apply: Annotated[bool, Option("With --fix or --tune: write it, and keep the old files.", after="tune")] = False
    watch: Annotated[
        bool, Option("Read the program again each time that it is saved, and print findings as JSON lines.")
    ] = False
    lsp: Annotated[bool, Option("Serve an editor on standard input and output: findings and fixes at the lines.")] = (
        False
    )
    explain: Annotated[
        str | None, Option("Explain a check, given by its code, and exit.", codes=True, after="seed")
    ] = None
    list_checks: Annotated[bool, Option("List the checks and exit.")] = False
    schema: Annotated[bool, Option("Print the JSON Schema of --format json and exit.")] = False
    samples: Annotated[str | None, Option("Copy the sample images and configurations into this folder and exit.")] = (
        None
    )
    skill: Annotated[str | None, Option("Write a SKILL.md for coding agents into this folder and exit.")] = None
    mcp: Annotated[bool, Option("Serve the Model Context Protocol on stdin and stdout, in this folder and DATA.")] = (
        False
    )
    version: Annotated[bool, Option("Print the version and exit.")] = False
    settings_file: Path | None = None
    typed: frozenset[str] = frozenset()  # names of the options that were typed

    @property
    def in_terminal(self) -> bool:
        """Whether the TUI is wanted, and no report."""
        return not (self.report or self.output or self.fix or self.tune or self.watch or self.lsp)


OPTIONS = options_of(Options)


def one_of(option: Option, value: str) -> None:
    """Raises InputError where the value of an option is none of its words."""
    if value not in option.words:
        raise InputError(f"--{option.key} {value}: give one of {', '.join(option.words)}.")


def format_of(options: Options) -> str:
    """The format of the report: as typed, or by the ending of the file. Raises InputError where they contradict each
    other, or the file's ending is none of ours."""
    if options.format:
        one_of(OPTIONS["format"], options.format)
    if not options.output:
        return options.format or "text"
    shown, ending = printable(options.output), Path(options.output).suffix.lower()
    if options.output.startswith("--"):
        raise InputError(f"--output {shown}: that is an option, and no file; write ./{shown} if a file is meant.")
    by_ending = ENDINGS.get(ending)
    if options.format is None and by_ending is None and not Path(options.output).is_dir():
        named = f"the ending {ending}" if ending else "a name without an ending"
        endings = ", ".join(ENDINGS)
        raise InputError(f"--output {shown}: {named} names no format; end it in {endings}, or add --format.")
    if options.format and by_ending not in (None, "text", options.format, ENDS_AS.get(options.format)):
        raise InputError(f"--output {shown} ends as {by_ending} does, and --format says {options.format}: change one.")
    return options.format or by_ending or "text"


def refuse(options: Options) -> None:
    """Raises InputError for what cannot go together, and for typed options that would change nothing."""
    _impossible(options)
    _without_effect(options)


def _impossible(options: Options) -> None:
    if options.watch:
        _unwatchable(options)
    if options.lsp and (others := options.typed - SERVED):
        raise InputError(f"--lsp reads the programs that an editor opens: leave out {_flag(min(others))}.")
    if options.against is not None and options.config is None:
        raise InputError("--against compares two configurations: give the first with --config.")
    if options.run and options.config is None:
        raise InputError("--run executes your training program in miniature: give it with --config.")
    if options.fix and options.config is None:
        raise InputError("--fix changes a configuration or a program: give it with --config.")
    if options.fix and options.tune:
        raise InputError("--fix and --tune each print a patch: give one of them, and the other after it.")
    if options.apply and not (options.fix or options.tune):
        raise InputError("--apply writes what --fix or --tune prints: give both.")
    if options.verify and options.run and not options.fix:
        raise InputError("--verify measures what --fix gains: give --fix as well.")
    if options.verify and not options.run and not (options.fix and options.data):
        raise InputError("--verify measures on images what --fix gains: give DATA, --config and --fix.")
    if options.checkpoint is not None:
        for name, given in (("--fix", options.fix), ("--tune", options.tune), ("--against", options.against)):
            if given:
                raise InputError(f"--checkpoint examines a finished model, and {name} a training: give one of them.")
    if options.snippet and options.config is None:
        raise InputError("--snippet reads a piece of a program: give it with --config, or - for standard input.")
    if options.snippet and (options.fix or options.tune):
        raise InputError("--snippet reads a piece of a program, which is not patched: leave out --fix and --tune.")


def _unwatchable(options: Options) -> None:
    if options.config in (None, "-"):
        raise InputError("--watch reads a program again each time that it is saved: give its file with --config.")
    others = [name for name in NOT_WATCHED if name in options.typed]
    others += [name for name, given in (("run", options.run), ("tune", options.tune)) if given]
    if others:
        raise InputError(f"--watch reads a program and its images, and nothing else: leave out {_flag(others[0])}.")


def _without_effect(options: Options) -> None:
    """What only an option that is missing would read."""
    if "settings" in options.typed and options.config is None:
        raise InputError("--set fills a field that --config leaves open: give --config.")
    if "label_pattern" in options.typed and options.data is None:
        raise InputError(f"--label-pattern concerns the images: give DATA, or {LEFT_OUT}.")
    if "ray" in options.typed and options.data is None and not options.run and options.checkpoint is None:
        raise InputError(f"--ray concerns the images, --run and --checkpoint: give one of them, or {LEFT_OUT}.")
    if "weights" in options.typed and options.checkpoint is not None:
        raise InputError(f"--weights concerns the probes, which --checkpoint leaves out: {LEFT_OUT}.")
    if not options.probes and options.model is None and options.checkpoint is None:
        for name in OF_PROBES:
            if name in options.typed:
                raise InputError(f"{_flag(name)} concerns the probes, which --no-probes leaves out: {LEFT_OUT}.")
    if options.in_terminal:
        for name in OF_REPORT:
            if name in options.typed:
                raise InputError(f"{_flag(name)} concerns the report: add --report, or {LEFT_OUT}.")
    elif "verbose" in options.typed and options.format not in (None, "text"):
        raise InputError(f"--verbose concerns the text in a terminal, and --format says {options.format}: {LEFT_OUT}.")
    if (options.fix or options.tune) and "format" in options.typed and not options.output:
        raise InputError(f"--format concerns the report, and a patch is printed: add --output, or {LEFT_OUT}.")


def _flag(name: str) -> str:
    return f"--{OPTIONS[name].key}"
