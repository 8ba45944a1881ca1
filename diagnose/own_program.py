"""A person's own program for the engine: what of it is run in miniature, for how long, and what became of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from diagnose.events import ProgramRan
from diagnose.model import Gap, InputError, Run
from diagnose.running.child import LIMIT, Asked, run
from diagnose.running.compared import compared

PROGRAMS = (".py", ".ipynb")
SHARE = 1 / 3  # of the budget, which the run may take
SHORTEST = 20.0  # seconds, however small the budget


def _command_of(config: str) -> tuple[Path, tuple[str, ...]]:
    from diagnose.config.read import command_of  # imported by those who give a configuration

    return command_of(config)


def check_runnable(config: str | None, typed: bool, snippet: bool) -> None:
    """Raises InputError where --run has no program that was named on the command line."""
    if config is None:
        raise InputError("--run executes your training program in miniature: give it with --config.")
    if snippet:
        raise InputError("--run executes a whole program, and --snippet reads a piece of one: leave out one of them.")
    path, _ = _command_of(config)
    if path.suffix.lower() not in PROGRAMS:
        raise InputError(f"--run executes a training program, and {path} isn't one: give a .py or .ipynb file.")
    if not path.is_file():
        raise InputError(f"{path} does not exist: give the training program with --config.")
    if not typed:
        raise InputError("--run executes your code, so the program has to be typed: name it with --config.")


def program_of(config: str | None) -> str | None:
    """The file's name of a program that can be run; None for anything else."""
    if config is None:
        return None
    path, _ = _command_of(config)
    return path.name if path.suffix.lower() in PROGRAMS and path.is_file() else None


def miniature(
    config: str, budget: float, probes: bool, offline: bool, stop: threading.Event, cluster: str | None = None
) -> Iterator[ProgramRan]:
    """Runs the program; yields what was seen so far, the last of them the whole. budget: seconds of the whole
    diagnosis, which count only where probes follow; cluster: the address of the Ray cluster that runs it."""
    path, arguments = _command_of(config)
    limit = min(LIMIT, max(SHORTEST, SHARE * budget)) if probes else LIMIT
    asked = Asked(path, arguments, config, limit, offline)
    if cluster:
        from diagnose.running.cluster import run_there

        yield from map(ProgramRan, run_there(cluster, asked, stop))
    else:
        yield from map(ProgramRan, run(asked, stop))


def gain(
    config: str,
    patched: str,
    seconds: float,
    offline: bool,
    say: Callable[[str], None],
    stop: threading.Event | None = None,
) -> str:
    """What the patched program gains over the program as it is, as a sentence: both are run in turn, until `stop` is
    set."""
    import numpy as np

    from diagnose.probing.statistics import paired

    sides = [Asked(*_command_of(one), one, offline=offline) for one in (config, patched)]
    pairs = compared(sides[0], sides[1], seconds, stop or threading.Event(), say)
    if not pairs.before:
        return f"Not measured: {pairs.why.removesuffix('.')}."
    before, after = ([np.array(one, dtype=float) for one in side] for side in (pairs.before, pairs.after))
    start, goal = (float(np.mean([one.mean() for one in side])) for side in (before, after))
    measured = paired(after, before) if len(before) > 1 else None
    what = f"after {pairs.steps} steps, from {start:.1%} to {goal:.1%} of {len(before[0])} validation images"
    if measured is None:
        return f"Not decided: {what} in one pair of runs; give a longer --budget."
    low, high = 100 * measured.interval.low, 100 * measured.interval.high
    span = f"{100 * measured.difference:+.1f} [{low:+.1f}, {high:+.1f}] points"
    runs = f"{what} ({len(before)} paired runs of the program itself)"
    if not measured.interval.excludes_zero:
        return f"Not decided: {span} of validation accuracy {runs}."
    if measured.difference > 0:
        return f"Verified, {measured.confidence}: the patched program gains {span} of validation accuracy {runs}."
    return f"The patched program loses: {span} of validation accuracy {runs}."


def gap_of(seen: Run) -> Gap | None:
    """What could not be seen, where the run did not get to a training step and back from a validation."""
    if seen.steps and seen.ended in ("enough", "finished", "time"):
        return None
    name = Path(seen.command.split()[0]).name if seen.command else "the program"
    at = f" ({seen.location})" if seen.location is not None else ""
    return Gap("run", f"{name}: {seen.why or seen.ended}{at}", failed=not seen.steps)
