"""Repairs of what a network starts from: He initialisation, and residual blocks that begin as the identity."""

from __future__ import annotations

import math

import torch
from torch import nn

from diagnose.network.repairs.tracing import ADDITIONS, NORMS, Trace

WITH_WEIGHTS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Linear)
BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm)
LOW, HIGH = 0.5, 2.0  # of He's deviation, the median over the network: M412's limits
FAR = 5.0  # times off, at which no framework's default is: PyTorch's is 0.41 of He's, Keras's Glorot 0.71


def he_ratio(module: nn.Module) -> float:
    """The weights' deviation over that of He's initialisation by fan-out, sqrt(2 / fan_out)."""
    weight: torch.Tensor = module.weight.detach()  # type: ignore[operator]
    receptive = math.prod(weight.shape[2:])
    wanted = math.sqrt(2 / (weight.shape[0] * receptive / int(getattr(module, "groups", 1))))
    return float(weight.std() / wanted) if weight.numel() > 1 else 1.0


def typical_ratio(model: nn.Module) -> float:
    """The median of `he_ratio` over all layers but the last; 1.0 where there are too few to speak of."""
    layers = [module for module in model.modules() if isinstance(module, WITH_WEIGHTS)][:-1]
    found = sorted(he_ratio(module) for module in layers)
    return found[len(found) // 2] if len(found) >= 2 else 1.0


def initialised(model: nn.Module, seen: Trace) -> nn.Module | None:
    """Convolutions by He et al. 2015 (fan-out), linear layers by PyTorch's default, norms at one and zero.

    None where the weights are about as large as He's.
    """
    if LOW <= typical_ratio(model) <= HIGH:
        return None
    for module in model.modules():
        if isinstance(module, nn.Linear):
            module.reset_parameters()
        elif isinstance(module, WITH_WEIGHTS):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return model


def far_from_he(model: nn.Module, seen: Trace) -> bool:
    """Whether the weights are on a scale that no framework's default gives."""
    return not 1 / FAR <= typical_ratio(model) <= FAR


def last_norms_zero(model: nn.Module, seen: Trace) -> nn.Module | None:
    """The last batch norm of each residual block at weight 0, so that the block starts as the identity (Goyal et al.
    2017, section 5.1). None without such blocks, or where they start so already."""
    depth = seen.convolutions_before()
    modules = dict(model.named_modules())
    changed = 0
    for addition in seen.kind(ADDITIONS):
        norms = [seen.operations[number] for number in addition.fed_by if seen.operations[number].name in NORMS]
        if len(addition.fed_by) != 2 or not norms or len(addition.shape) != 4:
            continue
        last = modules[max(norms, key=lambda one: depth[one.number]).module]
        if isinstance(last, BATCH_NORMS) and last.affine and bool((last.weight != 0).any()):
            nn.init.zeros_(last.weight)
            changed += 1
    return model if changed else None
