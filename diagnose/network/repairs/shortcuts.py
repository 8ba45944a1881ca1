"""Shortcuts for a network that has none: around its blocks, or around pairs of its convolutions (He et al. 2016)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from torch import Tensor, nn

from diagnose.network.repairs.tracing import ADDITIONS, CONVOLUTIONS, NORMS, Operation, Trace

FEWEST = 6  # convolutions, below which shortcuts change little
MOST = 4  # convolutions of a module that counts as a block
JOINS = ADDITIONS | frozenset(("cat", "concat"))


class _Shortcut(nn.Module):
    """Keeps what goes into a block, and adds it to what comes out."""

    def __init__(self, way: nn.Module) -> None:
        super().__init__()
        self.way = way
        self.kept: Tensor | None = None

    def keep(self, module: Any, inputs: Any) -> Any:
        """Before the block's first convolution."""
        self.kept = self.way(inputs[0])

    def add(self, module: Any, inputs: Any, output: Tensor) -> Tensor:
        """After the block's last layer."""
        kept, self.kept = self.kept, None
        return output if kept is None else output + kept


def joined(seen: Trace) -> bool:
    """Whether two computed feature maps meet anywhere."""
    return any(len(one.fed_by) >= 2 for one in seen.kind(JOINS))


def with_shortcuts(model: nn.Module, seen: Trace) -> nn.Module | None:
    """The input of each block added to its output, before the activation after it; by a 1x1 convolution with batch norm
    (behind average pooling) where the shape changes. None where there are shortcuts, or few convolutions."""
    modules = dict(model.named_modules())
    convolutions = [one for one in seen.kind(CONVOLUTIONS) if isinstance(modules.get(one.module), nn.Conv2d)]
    names = Counter(one.module for one in convolutions)
    if joined(seen) or len(convolutions) < FEWEST or max(names.values()) > 1:
        return None
    changed = 0
    for block in _blocks([one for one in convolutions if one.taken[1] > 4], list(modules)):
        first, end = block[0], _end(block[-1], seen)
        way = _way(first.taken, end.shape)
        if way is None:
            continue
        shortcut = _Shortcut(way)
        modules[end.module].add_module("diagnose_shortcut", shortcut)
        modules[first.module].register_forward_pre_hook(shortcut.keep)
        modules[end.module].register_forward_hook(shortcut.add)
        changed += 1
    return model if changed else None


def _blocks(convolutions: list[Operation], names: list[str]) -> list[list[Operation]]:
    """Convolutions that follow each other in one block: the smallest module around several, where these are few, or
    else pairs."""
    inside = {name: sum(one.module.startswith(f"{name}.") for one in convolutions) for name in names if name}
    blocks: list[list[Operation]] = []
    last = ""
    for one in convolutions:
        parts = one.module.split(".")
        around = [".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1)]
        home = next((name for name in around if inside.get(name, 0) >= 2), "")
        if inside.get(home, 0) > MOST:
            home = ""
        together = bool(blocks) and home == last and (home != "" or len(blocks[-1]) < 2)
        if together:
            blocks[-1].append(one)
        else:
            blocks.append([one])
        last = home
    return [block for block in blocks if len(block) >= 2]


def _end(convolution: Operation, seen: Trace) -> Operation:
    """The norm right after the convolution, or itself."""
    after = seen.after(convolution)
    return after[0] if len(after) == 1 and after[0].name in NORMS else convolution


def _way(taken: tuple[int, ...], given: tuple[int, ...]) -> nn.Module | None:
    """From the block's input to the shape of its output; None where no pooling by a whole number leads there."""
    if taken == given:
        return nn.Identity()
    if len(taken) != 4 or len(given) != 4 or not given[-1]:
        return None
    stride = -(-taken[-1] // given[-1])
    if -(-taken[-1] // stride) != given[-1] or -(-taken[-2] // stride) != given[-2]:
        return None
    pool = [nn.AvgPool2d(stride, ceil_mode=True)] if stride > 1 else []
    return nn.Sequential(*pool, nn.Conv2d(taken[1], given[1], 1, bias=False), nn.BatchNorm2d(given[1]))
