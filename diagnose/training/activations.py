"""Consecutive linear layers in PyTorch's and Keras's networks, which together compute no more than one layer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from diagnose.interpreter.values import Const, Event, Ref, Thing, Value, plain
from diagnose.libraries.networks import children, is_container
from diagnose.model import Location, NoActivation

LINEAR = ("Linear", "LazyLinear", "Dense")
CONV = ("Conv2d", "LazyConv2d", "Conv2D", "Convolution2D")
PASSING = ("Flatten", "Dropout", "Identity", "Unflatten", "Reshape", "BatchNorm1d", "BatchNorm2d", "LazyBatchNorm1d",
           "LazyBatchNorm2d", "BatchNormalization", "Dropout2d", "AlphaDropout", "SpatialDropout2D")  # fmt: skip
POOLING = ("MaxPool2d", "AvgPool2d", "MaxPool2D", "AveragePooling2D", "MaxPooling2D", "AvgPool2D", "ZeroPadding2D")
PASSING_CALLS = ("flatten", "view", "reshape", "squeeze", "dropout", "contiguous", "dropout2d")
POOLING_CALLS = ("max_pool2d", "avg_pool2d")
ON_PURPOSE = re.compile(r"embed|proj|feat|bottle|reduc|compress|squeeze|neck|token|patch|query|key|value|^[qkv]$|lora")
NO_ACTIVATION = ("linear", "identity", "", "none")


@dataclass(frozen=True)
class Use:
    """One call of a layer. names: of the layer in its network; at: where an activation before it would go."""

    layer: Thing
    given: Value | None
    result: Value
    at: Location
    names: tuple[str, ...] = ()


def linear_pairs(uses: list[Use], consumed: Callable[[Value], int]) -> Iterator[NoActivation]:
    """Pairs of fully connected layers with no activation between. consumed: how often a value is used."""
    for use in uses:
        for before, layer, at in _chain(use):
            first, between = before
            if not _is(layer, LINEAR) or first is None or not _is(first, LINEAR) or _is_activated(first):
                continue
            named = any(ON_PURPOSE.search(name) for one in uses if one.layer is first for name in one.names)
            if not (_is_factorised(first, layer) or named or any(consumed(value) > 1 for value in between)):
                yield NoActivation(at, kind="linear", first=first.at)


def plain_convolutions(uses: list[Use], consumed: Callable[[Value], int]) -> Iterator[NoActivation]:
    """A whole network of consecutive convolutions without an activation between any two of them."""
    convs, pairs = 0, []
    for use in uses:
        for before, layer, at in _chain(use, pooling=True):
            if not _is(layer, CONV):
                continue
            convs += 1
            first, between = before
            if first is not None and _is(first, CONV) and not _is_activated(first):
                if _is_separable(first) or _is_separable(layer) or any(consumed(value) > 1 for value in between):
                    return
                pairs.append(NoActivation(at, kind="conv", first=first.at))
    if pairs and len(pairs) == convs - 1:
        yield pairs[0]


Before = tuple[Thing | None, tuple[Value, ...]]  # the preceding layer, and the values between


def _chain(use: Use, pooling: bool = False) -> Iterator[tuple[Before, Thing, Location]]:
    """Each layer with weights in a use, with the weighted layer that it directly follows."""
    leaves = list(leaves_of(use.layer))
    before: Before = _ending(use.given, pooling)
    for leaf in leaves:
        if _is(leaf, LINEAR) or _is(leaf, CONV):
            yield before, leaf, leaf.at if len(leaves) > 1 else use.at
            before = (leaf, ())
        elif not _passes(leaf, pooling):
            before = (None, ())


def _ending(value: Value | None, pooling: bool) -> Before:
    """The layer with weights that a value comes from through linear steps only, and the values in between."""
    between: list[Value] = []
    for _ in range(30):
        if not isinstance(value, Thing):
            break
        between.append(value)
        if value.name == "()" and isinstance(value.base, Thing):
            for leaf in reversed(list(leaves_of(value.base))):
                if _is(leaf, LINEAR) or _is(leaf, CONV):
                    return leaf, tuple(between)
                if not _passes(leaf, pooling):
                    return None, ()
            value = value.args[0] if value.args else None
        elif value.short in PASSING_CALLS or (pooling and value.short in POOLING_CALLS):
            value = value.base if value.name.startswith(".") else value.arg(0, "input")
        else:
            break
    return None, ()


def leaves_of(layer: Thing) -> Iterator[Thing]:
    """The layers of a container in order, nested containers included; a single layer as itself."""
    if not is_container(layer):
        yield layer
        return
    for _, part in children(None, layer) or []:
        if isinstance(part, Thing):
            yield from leaves_of(part)
        elif not isinstance(part, Const):
            yield Thing(part.at, name="own")  # the program's own layer: it may do anything


def _is(layer: Thing, kinds: Iterable[str]) -> bool:
    return layer.name.startswith(("torch.nn.", "keras.layers.")) and layer.short in kinds


def _passes(layer: Thing, pooling: bool) -> bool:
    return _is(layer, PASSING) or (pooling and _is(layer, POOLING))


def _is_activated(layer: Thing) -> bool:
    """Whether a Keras layer has a built-in activation, as far as is known."""
    if layer.package != "keras":
        return False
    given = layer.arg(1 if layer.short == "Dense" else -1, "activation")
    if given is None or (isinstance(given, Const) and given.data is None):
        return False
    if isinstance(given, Ref):
        return given.name.rpartition(".")[2] != "linear"
    return plain(given, "?") not in NO_ACTIVATION


def _is_factorised(first: Thing, second: Thing) -> bool:
    """Whether the width between two layers is smaller than on both sides: a low-rank factorisation of one matrix."""
    into, between = _size(first, 0, "in_features"), _size(first, 1, "out_features")
    out = _size(second, 1, "out_features")
    if first.package == "keras":
        into, between, out = None, _size(first, 0, "units"), _size(second, 0, "units")
    if between is None:
        return True
    return out is not None and between < out and (into is None or between < into)


def _size(layer: Thing, place: int, name: str) -> int | None:
    size = plain(layer.arg(0 if layer.short == "LazyLinear" else place, name))
    return size if isinstance(size, int) else None


def _is_separable(conv: Thing) -> bool:
    """Whether a convolution is part of a factorised one: depthwise, pointwise or one-dimensional."""
    groups = plain(conv.kwargs.get("groups"), 1)
    kernel = plain(conv.arg(1 if conv.package == "keras" else 2, "kernel_size"), 3)
    sides = set(kernel) if isinstance(kernel, list | tuple) else {kernel}
    return groups != 1 or 1 in sides or len(sides) > 1


def uses_by(events: Iterable[Event], names: Mapping[int, tuple[str, ...]]) -> list[Use]:
    """The calls of layers among events. names: of the layers, by their ids."""
    return [
        Use(e.target, e.args[0] if e.args else None, e.result, e.at, names.get(id(e.target), ()))
        for e in events
        if e.kind == "call" and e.name == "()" and isinstance(e.target, Thing)
    ]
