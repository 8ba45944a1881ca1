"""What a step of the full training run takes of a card's memory, and what of it fits."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import torch

from diagnose.model import FP32, GIB, PRECISIONS, Card, Fit
from diagnose.probing.fitting import Step, changes
from diagnose.probing.job import FullRun
from diagnose.probing.memory import peak_bytes
from diagnose.probing.recipe import Recipe


class _Late(Exception):
    """The time is up."""


def card_of(device: torch.device, run: FullRun) -> Card | None:
    """The card that the probes run on; else the one that the configuration names; None where there is neither."""
    if device.type == "cuda":
        return Card(torch.cuda.get_device_properties(device).total_memory, measured=True)
    return Card(int(run.gpu_memory * GIB), measured=False) if run.gpu_memory is not None else None


def memory_of(
    arch: str, recipe: Recipe, classes: int, run: FullRun, card: Card | None, late: Callable[[], bool]
) -> tuple[tuple[tuple[str, int], ...], Card | None]:
    """Bytes at the peak of a step by precision, and the card with the changes that make the step fit into it.

    The first precision is always there, unless the network takes no images of the run's size; the rest is left out
    once `late()` is true.
    """

    @cache
    def peak(step: Step) -> int | None:
        if known and late():
            raise _Late
        known.append(step)
        try:
            return peak_bytes(
                arch,
                recipe,
                classes,
                step.batch,
                step.size,
                step.precision,
                step.checkpointing,
                step.accumulating,
                device="cuda" if card is not None else "cpu",
            )
        except (AssertionError, RuntimeError, ValueError, TypeError):
            return None  # the network takes no images of this size, or does something that fake tensors cannot follow

    known: list[Step] = []
    peaks: list[tuple[str, int]] = []
    fits: list[Fit] = []
    whole = True
    try:
        for precision in PRECISIONS:
            taken = peak(Step(run.batch_size, run.input_size, precision))
            if taken is not None:
                peaks.append((precision, taken))
        if card is not None:
            for fit in changes(Step(run.batch_size, run.input_size, FP32), card.usable, peak):
                fits.append(fit)  # one by one: those found before the time is up are kept
    except _Late:
        whole = False
    if card is not None:
        card = Card(card.memory, card.measured, tuple(fits), whole)
    return tuple(peaks), card
