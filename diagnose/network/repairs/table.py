"""Every repair, the most informative first, and how one is made of a network."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from diagnose.network.repairs import activations, norms, shortcuts, stem, weights
from diagnose.network.repairs.tracing import CONVOLUTIONS, Trace, trace

DEEP = 20  # convolutions, beyond which a network without shortcuts has a fault: M402's limit


def _always(model: nn.Module, seen: Trace) -> bool:
    return True


def _never(model: nn.Module, seen: Trace) -> bool:
    return False


def _deep(model: nn.Module, seen: Trace) -> bool:
    return len(seen.kind(CONVOLUTIONS)) > DEEP


@dataclass(frozen=True)
class Repair:
    """One thing changed. apply: changes the copy that it gets, or returns None where there is nothing to change.

    name: the change as the subject of a sentence in the plural or singular; fix: what to do, as an imperative; fault:
    whether what it changes is a mistake by itself, and not only a choice; costly: whether a step takes longer with it.
    """

    name: str
    fix: str
    apply: Callable[[nn.Module, Trace], nn.Module | None]
    fault: Callable[[nn.Module, Trace], bool] = _never
    costly: bool = False


REPAIRS = (
    Repair("the batch norm that forward() never used",
           "Call each batch norm in forward(), after its convolution.", norms.put_to_use, _always, True),
    Repair("one activation in place of two", "Take the second activation out of forward().",
           activations.applied_once, _always),
    Repair("outputs without an activation", "Return what the last layer gives, without an activation.",
           activations.raw_outputs, _always),
    Repair("a stem for small images", "Start with a 3x3 convolution of stride 1, and leave the first pooling out.",
           stem.wide_enough, _always, True),
    Repair("shortcuts", "Add each block's input to its output, before the last activation.",
           shortcuts.with_shortcuts, _deep, True),
    Repair("He initialisation",
           'Call nn.init.kaiming_normal_(weight, mode="fan_out", nonlinearity="relu") for every convolution.',
           weights.initialised, weights.far_from_he),
    Repair("batch norm after each convolution", "Put nn.BatchNorm2d after each convolution (without bias).",
           norms.normalised, costly=True),
    Repair("ReLU in place of sigmoid and tanh", "Use ReLU between the layers.", activations.rectified),
    Repair("batch norm's default eps", "Use nn.BatchNorm2d's defaults: eps=1e-5, momentum=0.1.",
           norms.default_eps, _always),
    Repair("zero-initialised last batch norms",
           "Set the weight of the last batch norm of each residual block to 0.", weights.last_norms_zero),
)  # fmt: skip


def seen_at(model: nn.Module, side: int, trained_at: int | None = None) -> Trace:
    """The network's trace at the side (px) that the person trains at, or at `side` where it takes that alone."""
    try:
        return trace(model, trained_at or side)
    except (RuntimeError, ValueError, TypeError, AssertionError):
        if trained_at in (None, side):
            raise
        return trace(model, side)


def repaired(repair: Repair, model: nn.Module, seen: Trace, side: int) -> nn.Module | None:
    """A copy of the network with the repair, drawn with torch's current seed; None where it doesn't apply, or where
    the network no longer runs with it at this side (px). seen: what `seen_at` gave."""
    try:
        found = repair.apply(copy.deepcopy(model), seen)
        if found is not None:
            trace(found, side)
    except (RuntimeError, ValueError, TypeError, AttributeError, IndexError, KeyError, AssertionError):
        return None
    return found


def applying(model: nn.Module, seen: Trace, side: int) -> list[tuple[Repair, bool]]:
    """The repairs that change the network, and whether what each changes is a fault; faults first."""
    found = [
        (repair, repair.fault(model, seen)) for repair in REPAIRS if repaired(repair, model, seen, side) is not None
    ]
    return sorted(found, key=lambda pair: not pair[1])
