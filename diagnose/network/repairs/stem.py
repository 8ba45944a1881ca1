"""A stem for small images: the first halvings of the resolution left out, as ResNets for CIFAR do (He et al. 2016)."""

from __future__ import annotations

import math
from typing import Any

from torch import nn

from diagnose.network.repairs.tracing import CONVOLUTIONS, POOLS, Rewritten, Trace

SMALLEST = 4  # px of the last feature map; ResNet50 has 7 at 224 px, and 4 at 128
LARGE_KERNEL = 5  # px; a larger one in the stem is for strides that are left out here


def wide_enough(model: nn.Module, seen: Trace) -> nn.Module | None:
    """The first strides and pools left out, as many as leave the last feature map SMALLEST px; the first convolution is
    then 3x3. None where the map is as large already, or nothing can be left out.

    seen: a trace at the side (px) that the images are trained at.
    """
    if not 0 < seen.last_side < SMALLEST:
        return None
    modules = dict(model.named_modules())
    wanted = math.ceil(math.log2(SMALLEST / seen.last_side))
    left_out: dict[int, str] = {}
    changed = False
    for one in seen.operations:
        if wanted <= 0:
            break
        if len(one.shape) != 4 or len(one.taken) != 4 or not one.shape[-1] or one.taken[-1] < 2 * one.shape[-1] - 1:
            continue
        module: Any = modules.get(one.module)
        if one.name in POOLS:
            left_out[one.call] = "leave out"
            wanted -= round(math.log2(one.taken[-1] / one.shape[-1]))
            changed = True
        elif one.name in CONVOLUTIONS and isinstance(module, nn.Conv2d) and module.stride[0] > 1:
            if max(module.kernel_size) <= 1:
                continue  # beside a wider one, or a shortcut that has to stay as wide as its block
            wanted -= _finer(module, wanted)
            changed = True
    if not changed:
        return None
    return Rewritten(model, left_out) if left_out else model


def _finer(convolution: Any, wanted: int) -> int:
    """Takes up to `wanted` halvings out of the convolution's stride; returns how many it took."""
    halvings = min(wanted, round(math.log2(convolution.stride[0])))
    stride = max(1, convolution.stride[0] // 2**halvings)
    convolution.stride = (stride, stride)
    kernel = convolution.kernel_size[0]
    if kernel >= LARGE_KERNEL and convolution.in_channels // convolution.groups <= 4:
        shape = (*convolution.weight.shape[:2], 3, 3)
        convolution.weight = nn.Parameter(convolution.weight.new_empty(shape))
        nn.init.kaiming_normal_(convolution.weight, mode="fan_out", nonlinearity="relu")
        convolution.kernel_size, convolution.padding = (3, 3), (1, 1)
    elif convolution.padding == (0, 0) and kernel > 1:
        convolution.padding = ((kernel - 1) // 2,) * 2
    return halvings
