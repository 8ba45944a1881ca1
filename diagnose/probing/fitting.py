"""Whether a training step fits into a card's memory, and the changes of the run with which it would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from diagnose.model import BF16, FP32, MIXED, Fit

SMALLEST_BATCH = 2  # batch norm cannot train on a single image
GRID = 32  # px: what the usual networks divide their input by
LEAST_SIZE = 0.5  # of the configured input size: below it the task is a different one
MOST_COMBINED = 2  # combinations that are offered where no single change suffices

COSTS = {
    MIXED: "none that is known for accuracy (Micikevicius et al. 2018); usually faster on cards that compute in bf16",
    BF16: "updates smaller than about 1/256 of a weight are lost, so that training may stall",
    "checkpointing": "the forward pass is computed twice: about a third more time (Chen et al. 2016)",
    "batch": "somewhat slower; batch norm, where the network has it, sees {batch} images at a time instead of {whole}",
    "size": "fine detail, and so accuracy where that separates the classes: it changes the task",
}


@dataclass(frozen=True)
class Step:
    """A training step in one of its forms. batch: images; size: px; accumulating: gradients of earlier, smaller batches
    are kept for it."""

    batch: int
    size: int
    precision: str = FP32
    checkpointing: bool = False
    accumulating: bool = False


Peak = Callable[[Step], int | None]  # bytes; None where the network takes no such images


def changes(configured: Step, usable: int, peak: Peak) -> Iterator[Fit]:
    """The changes with which a step fits into `usable` bytes, those of least cost first: each alone, or combined where
    none suffices alone. Nothing where the step fits as it is, and nothing where no combination does."""
    needed = peak(configured)
    if needed is None or needed <= usable:
        return
    mixed, whole = replace(configured, precision=MIXED), replace(configured, precision=BF16)
    again = replace(configured, checkpointing=True)
    both, all_of_it = replace(mixed, checkpointing=True), replace(whole, checkpointing=True)
    single: list[Callable[[], Step | None]] = [
        lambda: mixed,
        lambda: accumulated(configured, usable, peak),
        lambda: again,
        lambda: whole,
        lambda: smaller(configured, usable, peak),
    ]
    combined: list[Callable[[], Step | None]] = [
        lambda: both,
        lambda: accumulated(mixed, usable, peak),
        lambda: accumulated(again, usable, peak),
        lambda: accumulated(both, usable, peak),
        lambda: accumulated(all_of_it, usable, peak),
        lambda: smaller(replace(both, batch=SMALLEST_BATCH, accumulating=True), usable, peak),
    ]
    for attempts, most in ((single, len(single)), (combined, MOST_COMBINED)):
        found = 0
        for attempt in attempts:
            step = attempt()
            taken = peak(step) if step is not None and found < most else None
            if step is not None and taken is not None and taken <= usable:
                found += 1
                change, cost = _words(configured, step)
                yield Fit(change, taken, cost)
        if found:
            return


def accumulated(step: Step, usable: int, peak: Peak) -> Step | None:
    """The step in the largest equal parts of its batch that fit; None where the smallest do not.

    The bytes alive at any one moment grow linearly with the batch, so their maximum is convex, and lies below the
    straight line between two batches: what fits by the line fits.
    """
    whole = replace(step, accumulating=True)
    least = replace(whole, batch=SMALLEST_BATCH)
    if step.batch <= SMALLEST_BATCH:
        return None
    low, high = peak(least), peak(whole)
    if low is None or high is None or low > usable:
        return None
    for batch in parts(step.batch):
        if low + (high - low) * (batch - SMALLEST_BATCH) / (step.batch - SMALLEST_BATCH) <= usable:
            return replace(whole, batch=batch)
    return least


def parts(batch: int) -> list[int]:
    """Smaller batches that add up to this one, the largest first; of a prime number those that come near."""
    equal = [batch // steps for steps in range(2, batch // SMALLEST_BATCH + 1) if batch % steps == 0]
    return equal or [size for power in range(1, batch.bit_length()) if (size := batch >> power) >= SMALLEST_BATCH]


def smaller(step: Step, usable: int, peak: Peak) -> Step | None:
    """The step with the largest images, on the grid, that fit; None where none of at least `LEAST_SIZE` do."""
    least = -(-int(step.size * LEAST_SIZE) // GRID) * GRID
    sizes = list(range(least, step.size, GRID))

    def fits(size: int) -> bool:
        taken = peak(replace(step, size=size))
        return taken is not None and taken <= usable

    if not sizes or not fits(sizes[0]):
        return None
    low, high = 0, len(sizes)  # the first fits; the one beyond the last does not
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(sizes[middle]) else (low, middle)
    return replace(step, size=sizes[low])


def _words(configured: Step, step: Step) -> tuple[str, str]:
    """What is changed, and what that costs."""
    costs = []
    if step.precision == MIXED:
        costs.append(("mixed precision (bf16 autocast)", COSTS[MIXED]))
    if step.precision == BF16:
        costs.append(("weights and all else in bf16", COSTS[BF16]))
    if step.checkpointing:
        costs.append(("gradient checkpointing of each block", COSTS["checkpointing"]))
    if step.batch != configured.batch:
        steps = -(-configured.batch // step.batch)
        cost = COSTS["batch"].format(batch=step.batch, whole=configured.batch)
        costs.append((f"batches of {step.batch} with gradients accumulated over {steps} steps", cost))
    if step.size != configured.size:
        costs.append((f"images of {step.size} px instead of {configured.size}", COSTS["size"]))
    return " and ".join(change for change, _ in costs), "; ".join(cost for _, cost in costs)
