"""Repairs of activations: one in place of two, none on the outputs, ReLU in place of what saturates."""

from __future__ import annotations

from torch import nn

from diagnose.network.repairs.tracing import ACTIVATIONS, NORMS, SQUASHING, Operation, Rewritten, Trace

PRODUCTS = frozenset(("mul", "__mul__", "__rmul__", "__imul__", "matmul", "bmm", "einsum", "__matmul__"))


def twice(seen: Trace) -> list[Operation]:
    """Activations that follow another one and harm: sigmoid, tanh or softmax after any, and the first of two that
    only a norm parts. ReLU after ReLU changes nothing, and isn't among them."""
    used = seen.used()
    found = []
    for one in seen.kind(ACTIVATIONS):
        before = seen.before(one)
        if one.number not in used or before is None:
            continue
        if before.name in ACTIVATIONS and one.name in SQUASHING:
            found.append(one)
        elif before.name in NORMS and (earlier := seen.before(before)) is not None and earlier.name in ACTIVATIONS:
            found.append(earlier)
    return list({one.number: one for one in found}.values())


def described(seen: Trace) -> list[str]:
    """Each place of `twice` in words: "sigmoid after relu", or "relu before a norm and again after it"."""
    phrases = []
    for one in twice(seen):
        before = seen.before(one)
        if before is not None and before.name in ACTIVATIONS and one.name in SQUASHING:
            phrases.append(f"{one.name} after {before.name}")
        else:
            phrases.append(f"{one.name} before a norm and again after it")
    return phrases


def applied_once(model: nn.Module, seen: Trace) -> nn.Module | None:
    """One of two activations in a row left out; None where none follows another."""
    found = twice(seen)
    return Rewritten(model, {one.call: "leave out" for one in found}) if found else None


def last_activation(seen: Trace) -> Operation | None:
    """The activation that the outputs go through at last, other than log-softmax; None where they are raw."""
    if seen.result is None:
        return None
    last: Operation | None = seen.operations[seen.result]
    return last if last is not None and last.name in ACTIVATIONS and last.name != "log_softmax" else None


def raw_outputs(model: nn.Module, seen: Trace) -> nn.Module | None:
    """The outputs as the last layer gives them; None where no activation follows it."""
    last = last_activation(seen)
    return Rewritten(model, {last.call: "leave out"}) if last is not None else None


def saturating(seen: Trace) -> list[Operation]:
    """Sigmoid and tanh on feature maps, but for gates, whose result is multiplied."""
    used = seen.used()
    found = []
    for one in seen.kind(frozenset(("sigmoid", "tanh", "hardsigmoid", "softsign"))):
        gate = any(after.name in PRODUCTS for after in seen.after(one))
        if one.number in used and one.number != seen.result and not gate and len(one.shape) == 4 and one.shape[-1] > 1:
            found.append(one)
    return found


def rectified(model: nn.Module, seen: Trace) -> nn.Module | None:
    """ReLU in place of sigmoid and tanh; None where there are none, or where they only follow another activation."""
    found = saturating(seen)
    if not found or {one.number for one in found} <= {one.number for one in twice(seen)}:
        return None
    return Rewritten(model, {one.call: "relu" for one in found})
