"""What the search for a better recipe came to, as one sentence: what changes and what it gains, or that none does."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from diagnose.model import SEEDS_TO_CONFIRM, Tuning, printable
from diagnose.report.waterfall import points

COLUMNS = ("recipe", "steps", "validation loss")


def tuned_line(tuning: Tuning) -> str:
    """The sentence for reports, and for stderr beside the patch."""
    tried = f"{len(tuning.tried)} recipe{'' if len(tuning.tried) == 1 else 's'} in {_minutes(tuning.seconds)}"
    changes = ", ".join(f"{one.factor} {one.before} → {one.after}" for one in tuning.changes)
    gain, length = tuning.gain, f"after {tuning.steps} steps of {tuning.arch}"
    if tuning.full_steps is not None and tuning.full_steps > tuning.steps:
        length += f" (your full training run has {tuning.full_steps:,})"
    if not tuning.tried:
        return f"Nothing better was found: no recipe was tried in {_minutes(tuning.seconds)}."
    if not tuning.changes:
        return f"Nothing better was found: of {tried}, none had a lower validation loss than yours {length}."
    if gain is None or gain.seeds < SEEDS_TO_CONFIRM:
        ran = gain.seeds if gain else 0
        return (
            f"Nothing better was confirmed: of {tried}, {changes} looks best {length}, but {ran} of the "
            f"{max(tuning.planned, SEEDS_TO_CONFIRM)} new seeds ran; a longer --budget decides it."
        )
    new = f"on {gain.seeds} new seeds and {gain.images} other validation images {length}"
    if not tuning.better:
        return (
            f"Nothing better was found: of {tried}, {changes} looks best, but makes {points(gain)} points {new}, "
            f"{'which is a loss' if gain.interval.high < 0 else 'so yours may be as good'}."
        )
    span = f", from {tuning.start:.1%} to {tuning.reached:.1%}," if tuning.start is not None and tuning.reached else ""
    return f"Tuning tried {tried}: {changes} gains {points(gain)} points over yours{span} confirmed {new}."


def tuned_rows(tuning: Tuning, most: int = 10) -> Iterator[tuple[str, ...]]:
    """The cells of COLUMNS: the person's own recipe, then those of the lowest loss among the longest trainings."""
    own, others = tuning.tried[:1], tuning.tried[1:]
    best = sorted(others, key=lambda one: (-one.steps, one.loss))[: most - len(own)]
    for one in (*own, *best):
        yield one.changes or "yours", str(one.steps), "diverged" if one.diverged else f"{one.loss:.3f}"


def _minutes(seconds: float) -> str:
    whole, rest = divmod(round(seconds), 60)
    return f"{whole}:{rest:02}"


def left_out_lines(tuning: Tuning) -> tuple[str, ...]:
    """What was not searched, and what the trainings do not reproduce."""
    return (*(f"not searched: {line}" for line in tuning.left_out), *tuning.notes)


def print_tuning(tuning: Tuning, console: Console) -> None:
    """Write the sentence, the best recipes and what was left out to `console`."""
    console.print(Text("\nTuning", "bold"))
    console.print(Text(printable(tuned_line(tuning))), soft_wrap=True)
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(COLUMNS[0], overflow="fold")
    for column in COLUMNS[1:]:
        table.add_column(column, justify="right", no_wrap=True)
    for recipe, *numbers in tuned_rows(tuning):
        table.add_row(printable(recipe), *numbers)
    console.print(table)
    for line in left_out_lines(tuning):
        console.print(Text(f"- {printable(line)}", "dim"), soft_wrap=True)
