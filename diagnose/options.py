"""The command line as typed, and what of it cannot go together, has no effect, or has a wrong ending."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from diagnose.model import InputError, printable
from diagnose.report import ENDINGS, FORMATS

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
SERVED = frozenset(("lsp", "select", "ignore"))  # what may be typed with --lsp


@dataclass(frozen=True)
class Options:
    """The command line as typed, over what the project's settings say. typed: names of the options that were typed."""

    settings_file: Path | None
    typed: frozenset[str]
    data: str | None
    config: str | None
    quiet: bool
    verbose: bool
    snippet: bool
    config_typed: bool  # and not from the project's settings
    settings: tuple[str, ...]
    report: bool
    format: str | None
    output: str | None
    fail_on: str
    baseline: str | None
    fix: bool
    verify: bool
    tune: bool
    apply: bool
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    probes: bool
    budget: str
    device: str
    arch: str
    weights: str
    offline: bool
    against: str | None
    log: str | None
    model: str | None
    run: bool
    label_pattern: str | None
    ray: str | None
    resume: bool
    seed: int
    checkpoint: str | None = None
    watch: bool = False
    lsp: bool = False

    @property
    def in_terminal(self) -> bool:
        """Whether the TUI is wanted, and no report."""
        return not (self.report or self.output or self.fix or self.tune or self.watch or self.lsp)


def one_of(option: str, value: str, words: tuple[str, ...]) -> None:
    """Raises InputError where the value of an option is none of its words."""
    if value not in words:
        raise InputError(f"{option} {value}: give one of {', '.join(words)}.")


def format_of(options: Options) -> str:
    """The format of the report: as typed, or by the ending of the file. Raises InputError where they contradict each
    other, or the file's ending is none of ours."""
    if options.format:
        one_of("--format", options.format, FORMATS)
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
    if "set" in options.typed and options.config is None:
        raise InputError("--set fills a field that --config leaves open: give --config.")
    for name in ("label_pattern", "ray"):
        if name in options.typed and options.data is None:
            raise InputError(f"{_flag(name)} concerns the images: give DATA, or {LEFT_OUT}.")
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
    return f"--{name.replace('_', '-')}"
