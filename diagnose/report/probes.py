"""What the probes measured, in plain words: what was trained, for how long and on what, what more steps would do, which
classes were confused, and what there was no time for."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean

from rich.table import Table
from rich.text import Text

from diagnose.model import (
    GLANCED,
    SEEDS_TO_SHOW,
    ConfusedPair,
    Confusion,
    FrozenFeatures,
    ProbeRun,
    Probes,
    Trend,
    printable,
    second_half,
)

BUSY = 0.8  # of the wanted processor time: below it other programs were noticeably in the way
MOST_IN_LINE = 16  # classes of a matrix in a terminal
FROZEN = "frozen features"  # where they are the best arm
PARTIAL = ("with ", "without ")  # how the arms begin that change one factor of another arm


def summary(probes: Probes) -> str:
    """One paragraph: what was trained, how long, on what, and what to compare it with."""
    if not probes.runs:
        return (
            f"No training was finished on the {_device(probes.device)}. Majority-class baseline (always answering the "
            f"most frequent class): {probes.prior:.1%} of the validation images."
        )
    longest = max(probes.runs, key=lambda run: run.steps)
    batch = longest.images // max(1, longest.steps)
    ran = [run for run in probes.runs if not run.cached]
    kept = len(probes.runs) - len(ran)
    took = f"{_count(len(ran), 'training')} took {duration(sum(run.seconds for run in ran))} in all"
    if kept:
        same = "the same as one of these, or came from an earlier session"
        took = (
            f"{took}; {_count(kept, 'more training')} were {same}"
            if ran
            else (f"All {_count(kept, 'training')} came from an earlier session")
        )
    return (
        f"Each arm (one training variant) is a short training of {_architectures(probes)}: "
        f"{_count(longest.steps, 'step')} of {batch} images on the {_device(probes.device)}, drawn from "
        f"{probes.train_images:,} training images at {probes.image_size} px, then evaluated on {probes.val_images:,} "
        f"validation images. Majority-class baseline (always answering the most frequent class): {probes.prior:.1%}. "
        f"{took}."
    )


def frozen_line(frozen: FrozenFeatures) -> str:
    """The first answer, which needs no training of the network."""
    return (
        f"Frozen features: {frozen.accuracy:.1%} [{frozen.interval.low:.1%}, {frozen.interval.high:.1%}] of "
        f"{frozen.val_images:,} validation images, by a linear probe on the pretrained features of {frozen.arch}, "
        f"fitted on {frozen.train_images:,} training images; the network itself is not trained."
    )


def glanced(probes: Probes) -> list[ProbeRun]:
    """The runs that were looked at while they trained: one for each whole arm."""
    found = {run.arm: run for run in reversed(probes.runs) if run.glances and not run.arm.startswith(PARTIAL)}
    return sorted(found.values(), key=probes.runs.index)


def by_step_title(probes: Probes) -> str:
    """What the lines of `by_step` are about."""
    first = min(GLANCED, probes.val_images)
    on = f"{first} validation images (the last step: all {probes.val_images:,})"
    on = on if first < probes.val_images else f"{first} validation images"
    return f"Accuracy by step of one seed per arm on {on}; majority-class baseline {probes.prior:.1%}"


def by_step(run: ProbeRun) -> str:
    """How the accuracy of a run went."""
    reached = " → ".join(f"{accuracy:.0%}" for _, accuracy in run.glances)
    steps = ", ".join(str(step) for step, _ in run.glances)
    return f"{reached}  after {steps} steps"


def more_steps(run: ProbeRun, images: int) -> str:
    """What more steps would do, as far as the second half of these tells."""
    parts = second_half(run, images)
    if parts is None:
        return f"more steps: {Trend.NOT_DECIDED}"
    low, high = 100 * parts.interval.low, 100 * parts.interval.high
    change = f"{100 * parts.gain:+.0f} points in the second half [{low:+.0f}, {high:+.0f}]"
    return f"more steps: {parts.trend}, {change}"


def pairs_line(confusion: Confusion) -> str:
    """The classes that are taken for each other most often; "" where none are."""
    if not confusion.pairs:
        return ""
    return f"Most confused ({printable(confusion.arm)}): {'; '.join(map(pair_words, confusion.pairs))}."


def pair_words(pair: ConfusedPair) -> str:
    """One pair as "`cat` taken for `dog`: 12 of 40"."""
    return f"`{printable(pair.label)}` taken for `{printable(pair.taken_for)}`: {pair.count} of {pair.of}"


def matrix_title(confusion: Confusion) -> str:
    """What the matrix counts; frozen features have no seeds."""
    seeds = "" if confusion.arm == FROZEN else ", over all of its seeds"
    return f"Confusion matrix of {printable(confusion.arm)}: rows are labels, columns are answers{seeds}"


def matrix(confusion: Confusion) -> Table:
    """The matrix with numbered columns, as many as fit into a line; the diagonal is what was right."""
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("label", overflow="fold")
    for number in range(1, len(confusion.classes) + 1):
        table.add_column(str(number), justify="right", no_wrap=True)
    for number, (name, row) in enumerate(zip(confusion.classes, confusion.counts, strict=True), start=1):
        cells = [Text(str(count or "·"), "bold green" if at == number else "") for at, count in enumerate(row, start=1)]
        table.add_row(Text(f"{number} {printable(name)}"), *cells)
    return table


def time_lines(probes: Probes) -> Iterator[str]:
    """Whether the machine was busy, and what more time would settle."""
    if probes.share is not None and probes.share < BUSY:
        yield (
            f"The machine was busy: the probes got {probes.share:.0%} of the processor time that they wanted, so they "
            "trained less than on a quiet machine in the same time."
        )
    if probes.dropped:
        yield (
            f"Not measured for lack of time: {'; '.join(probes.dropped)}. A longer --budget (or + in the TUI) measures "
            "them; trainings that have ended are kept and not run again."
        )
    yield from _seeds_line(probes)


def _seeds_line(probes: Probes) -> Iterator[str]:
    """How many seeds are missing until a difference can be shown, and how long they would take."""
    seeds: dict[tuple[str, str], list[ProbeRun]] = {}
    for run in probes.runs:
        if not run.arm.startswith(PARTIAL):
            seeds.setdefault((run.arm, run.arch), []).append(run)
    few = {key[0]: len(runs) for key, runs in seeds.items() if len(runs) < SEEDS_TO_SHOW}
    if few:
        missing = sum(
            (SEEDS_TO_SHOW - len(runs)) * fmean(run.seconds for run in runs)
            for runs in seeds.values()
            if len(runs) < SEEDS_TO_SHOW
        )
        yield (
            f"Fewer than {SEEDS_TO_SHOW} seeds: {', '.join(f'{arm} ({count})' for arm, count in few.items())}. A "
            f"difference can be indicated by them and not shown; the missing ones would take about {duration(missing)}."
        )


def duration(seconds: float) -> str:
    """Seconds or minutes."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.1f} min"


def _architectures(probes: Probes) -> str:
    """The architectures of the runs, the substitute model named as such."""
    parts = []
    for arch in dict.fromkeys(run.arch for run in probes.runs):
        starts = {run.weights for run in probes.runs if run.arch == arch}
        substitute = any("substitute" in start for start in starts)
        why = " (a substitute model: it has pretrained weights here, the configured architecture has none)"
        parts.append(f"{arch}{why if substitute else ''}")
    return " and ".join(parts)


def _device(name: str) -> str:
    return {"cpu": "CPU", "cuda": "GPU", "mps": "GPU (MPS)"}.get(name, name)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
