"""What a network does in one forward pass: its operations in order, what fed each, and the modules they ran in.

Functions and modules alike are seen (TorchFunctionMode), so that `F.relu(x)` counts as nn.ReLU does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

IMAGES = 2  # of a traced batch; batch norm needs more than one value per channel
RECTIFYING = frozenset(("relu", "leaky_relu", "elu", "gelu", "silu", "hardswish", "mish", "prelu", "relu6", "selu",
                        "celu", "softplus", "rrelu"))  # fmt: skip
SQUASHING = frozenset(("sigmoid", "tanh", "softmax", "log_softmax", "hardsigmoid", "softsign", "softmin", "logsigmoid"))
ACTIVATIONS = RECTIFYING | SQUASHING
POOLS = frozenset(("max_pool2d", "avg_pool2d", "boolean_dispatch"))  # torch's max_pool2d is a dispatched function
REWRITABLE = ACTIVATIONS | POOLS
# What lets values through: an activation before it and one after it follow each other.
TRANSPARENT = POOLS | frozenset((
    "dropout", "dropout2d", "alpha_dropout", "feature_dropout", "adaptive_avg_pool2d", "adaptive_max_pool2d", "flatten",
    "view", "reshape", "permute", "transpose", "contiguous", "squeeze", "unsqueeze", "mean", "amax", "clone", "to",
    "float", "half", "__getitem__",
))  # fmt: skip
ADDITIONS = frozenset(("add", "__add__", "__radd__", "__iadd__"))
CONVOLUTIONS = frozenset(("conv2d",))
NORMS = frozenset(("batch_norm", "group_norm", "layer_norm", "instance_norm"))


def plain(name: str) -> str:
    """The function's name without the mark of working in place."""
    return name if name.startswith("__") else name.rstrip("_")


@dataclass(frozen=True)
class Operation:
    """One call that gave a tensor. fed_by: numbers of the operations whose results it took; call: its place among
    the calls that can be rewritten, -1 for others; taken, shape: of its first input and its result."""

    number: int
    name: str
    module: str
    fed_by: tuple[int, ...]
    shape: tuple[int, ...]
    taken: tuple[int, ...]
    call: int = -1


@dataclass
class Trace:
    """The operations of one forward pass on (IMAGES, 3, side, side). result: the one that gave the outputs, None where
    it was not seen; called: the names of all modules that ran."""

    side: int
    operations: list[Operation] = field(default_factory=list)
    result: int | None = None
    called: set[str] = field(default_factory=set)

    def kind(self, names: frozenset[str]) -> list[Operation]:
        """The operations of these names, in order."""
        return [one for one in self.operations if one.name in names]

    def before(self, operation: Operation) -> Operation | None:
        """What fed it, past what lets values through; None where several or none did."""
        while len(operation.fed_by) == 1:
            operation = self.operations[operation.fed_by[0]]
            if operation.name not in TRANSPARENT:
                return operation
        return None

    def after(self, operation: Operation) -> list[Operation]:
        """What it feeds directly."""
        return [one for one in self.operations if operation.number in one.fed_by]

    def used(self) -> set[int]:
        """The operations on which the outputs depend; all of them where the result was not seen."""
        if self.result is None:
            return {one.number for one in self.operations}
        found, waiting = set[int](), [self.result]
        while waiting:
            number = waiting.pop()
            if number not in found:
                found.add(number)
                waiting += self.operations[number].fed_by
        return found

    def convolutions_before(self) -> dict[int, int]:
        """By operation: the convolutions on the longest way from the images to its result."""
        depth: dict[int, int] = {}
        for one in self.operations:
            depth[one.number] = max((depth[number] for number in one.fed_by), default=0) + (one.name in CONVOLUTIONS)
        return depth

    @property
    def last_side(self) -> int:
        """Height in px of the last convolution's feature map; 0 where there is none."""
        convolutions = [one for one in self.kind(CONVOLUTIONS) if len(one.shape) == 4]
        return convolutions[-1].shape[-2] if convolutions else 0


def trace(model: nn.Module, side: int) -> Trace:
    """One forward pass in training mode on standard normal images, which leaves network and seed as they are.

    Raises what the network raises where it does not take images of this side (px).
    """
    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    images = torch.randn(IMAGES, 3, side, side, generator=torch.Generator().manual_seed(0)).to(device)
    seen = _Recorder(side)
    hooks = list(_hooked(model, seen))
    momenta = [(m, m.momentum) for m in model.modules() if isinstance(m, nn.modules.batchnorm._NormBase)]
    for norm, _ in momenta:
        norm.momentum = 0.0  # else the running statistics would move
    model.train()
    try:
        with torch.random.fork_rng(devices=[]), torch.no_grad(), seen:
            outputs = model(images)
    finally:
        for hook in hooks:
            hook.remove()
        for norm, momentum in momenta:
            norm.momentum = momentum
    tensors = list(_tensors(outputs))
    seen.trace.result = seen.made.get(id(tensors[0])) if tensors else None
    return seen.trace


def _hooked(model: nn.Module, seen: _Recorder) -> Iterator[Any]:
    for name, module in model.named_modules():

        def enter(module: Any, inputs: Any, name: str = name) -> None:
            seen.inside.append(name)
            seen.trace.called.add(name)

        def leave(module: Any, inputs: Any, output: Any) -> None:
            seen.inside.pop()

        yield module.register_forward_pre_hook(enter)
        yield module.register_forward_hook(leave)


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _tensors(item)


class _Recorder(TorchFunctionMode):
    """Keeps every tensor that it saw, so that no two of them share an id."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.trace = Trace(side)
        self.inside: list[str] = []
        self.made: dict[int, int] = {}  # the operation that gave a tensor last, by its id
        self._kept: list[Tensor] = []
        self._calls = 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = list(_tensors([args, kwargs or {}]))
        shape = tuple(given[0].shape) if given else ()
        result = func(*args, **(kwargs or {}))
        name = plain(getattr(func, "__name__", ""))
        call = self._calls if name in REWRITABLE else -1
        self._calls += name in REWRITABLE
        for tensor in _tensors(result):
            fed_by = tuple(dict.fromkeys(self.made[id(one)] for one in given if id(one) in self.made))
            number = len(self.trace.operations)
            module = self.inside[-1] if self.inside else ""
            self.trace.operations.append(Operation(number, name, module, fed_by, tuple(tensor.shape), shape, call))
            self.made[id(tensor)] = number
            self._kept.append(tensor)
            call = -1
        return result


class Rewritten(nn.Module):
    """A network some of whose activations or pools are left out, or are ReLU in their place.

    changes: by the call's number (Operation.call), "leave out" or "relu". Calls are counted in each forward pass, so
    that functions can be changed as modules can.
    """

    def __init__(self, network: nn.Module, changes: dict[int, str]) -> None:
        super().__init__()
        self.network, self.changes = network, changes

    def forward(self, images: Tensor) -> Any:
        """What the network gives of images (N, 3, H, W), with the changes."""
        with _Rewriting(self.changes):
            return self.network(images)


class _Rewriting(TorchFunctionMode):
    def __init__(self, changes: dict[int, str]) -> None:
        super().__init__()
        self._changes, self._calls = changes, 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if plain(getattr(func, "__name__", "")) in REWRITABLE:
            change = self._changes.get(self._calls)
            self._calls += 1
            if change is not None:
                given = next(_tensors([args, kwargs or {}]))
                return given if change == "leave out" else torch.relu(given)
        return func(*args, **(kwargs or {}))
