"""Gradient checkpointing: which parts of a network a person would wrap, found by how it is put together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from torch import nn
from torch.utils.checkpoint import checkpoint

SMALLEST_CHAIN = 4  # layers in a row, of which a checkpoint a part saves something


def checkpointed(model: nn.Module) -> nn.Module:
    """The network itself, with the forward pass of each of its blocks behind `torch.utils.checkpoint`: only the input
    of a block is kept, and the rest computed again in the backward pass (Chen et al. 2016, "Training Deep Nets with
    Sublinear Memory Cost"). A row of plain layers (VGG's) is cut into parts of about the square root of its length.
    """
    for parent, name, chain in list(_chains(model)):
        setattr(parent, name, nn.Sequential(*_parts(list(chain))))
    for block in list(_blocks(model)):
        # Stashing the generator's state needs real numbers; dropout's mask is drawn at the same size either way.
        block.forward = partial(checkpoint, block.forward, use_reentrant=False, preserve_rng_state=False)
    return model


class Part(nn.Sequential):
    """Some layers of a row, checkpointed as one."""


def _blocks(module: nn.Module, in_row: bool = False) -> Iterator[nn.Module]:
    """The outermost members of rows (nn.Sequential) that have layers within: residual blocks, dense blocks, encoder
    layers. A subclass of nn.Sequential is a block and not a row."""
    row = type(module) is nn.Sequential
    for child in module.children():
        leaf = next(child.children(), None) is None
        if row and not leaf and type(child) is not nn.Sequential:
            yield child
        elif not leaf:
            yield from _blocks(child)


def _chains(model: nn.Module) -> Iterator[tuple[nn.Module, str, nn.Sequential]]:
    """Rows of layers alone, directly in the network."""
    for name, child in model.named_children():
        if not isinstance(child, nn.Sequential) or type(child) is not nn.Sequential:
            continue
        leaves = all(next(layer.children(), None) is None for layer in child)
        if leaves and len(child) >= SMALLEST_CHAIN and any(isinstance(layer, nn.Conv2d) for layer in child):
            yield model, name, child


def _parts(layers: list[nn.Module]) -> Iterator[Part]:
    """The layers in parts, none of which begins with one that works in place: it would overwrite the part's input,
    which is kept."""
    length = max(2, round(len(layers) ** 0.5))
    part: list[nn.Module] = []
    for layer in layers:
        if len(part) >= length and not getattr(layer, "inplace", False):
            yield Part(*part)
            part = []
        part.append(layer)
    yield Part(*part)
