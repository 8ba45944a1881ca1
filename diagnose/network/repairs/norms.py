"""Repairs of normalisation: batch norm where there is none, where it is made and not used, and with torch's eps.

Layers are added by forward hooks on the modules before them, so that the network's own code finds every module where it
was. The momentum alone can't be measured in a short run, whose evaluation re-estimates the statistics: M403 reports it.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from diagnose.network.repairs.tracing import CONVOLUTIONS, NORMS, Operation, Trace
from diagnose.network.repairs.weights import BATCH_NORMS

FEWEST = 3  # convolutions without a norm, below which nobody misses one
MOMENTUM, EPS = 0.1, 1e-5  # torch.nn.BatchNorm2d's defaults
LARGE_EPS = 1e-2  # M403's limit
ADDED = "diagnose_norm"


def _normalised(module: Any, inputs: Any, output: Tensor) -> Tensor:
    result: Tensor = getattr(module, ADDED)(output)
    return result


def add_norm(convolution: nn.Module, norm: nn.Module) -> None:
    """Puts a norm after a convolution, as a submodule of it."""
    convolution.add_module(ADDED, norm)
    convolution.register_forward_hook(_normalised)


def bare(seen: Trace) -> list[Operation]:
    """The convolutions that no norm follows directly, in order; each module once."""
    used = seen.used()
    found: dict[str, Operation] = {}
    for one in seen.kind(CONVOLUTIONS):
        followers = [after for after in seen.after(one) if after.number in used]
        if not any(after.name in NORMS for after in followers):
            found.setdefault(one.module, one)
    return list(found.values())


def normalised(model: nn.Module, seen: Trace) -> nn.Module | None:
    """A new batch norm after every convolution; None where the network has norms of its own, used or not."""
    modules = dict(model.named_modules())
    convolutions = [modules[one.module] for one in bare(seen) if isinstance(modules.get(one.module), nn.Conv2d)]
    if len(convolutions) < FEWEST or seen.kind(NORMS) or unused(model, seen):
        return None
    for convolution in convolutions:
        assert isinstance(convolution, nn.Conv2d)
        add_norm(convolution, nn.BatchNorm2d(convolution.out_channels))
    return model


def unused(model: nn.Module, seen: Trace) -> dict[str, nn.Module]:
    """Batch norms for images that the forward pass never calls, or whose result nothing uses, in order of their
    definition."""
    kept = seen.used()
    useful = {one.module for one in seen.operations if one.number in kept}
    return {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, nn.BatchNorm2d | nn.SyncBatchNorm) and name not in useful
    }


def put_to_use(model: nn.Module, seen: Trace) -> nn.Module | None:
    """Each unused batch norm after a convolution of as many channels that has none: the last that is defined before it,
    or else the next one that runs. None where nothing is unused, or no convolution fits."""
    modules = dict(model.named_modules())
    places = {name: place for place, name in enumerate(modules)}
    waiting = [one.module for one in bare(seen) if isinstance(modules.get(one.module), nn.Conv2d)]
    lost = unused(model, seen)
    homes = [{name.rpartition(".")[0] for name in names} for names in (lost, waiting)]
    apart = homes[0].isdisjoint(homes[1])  # such as a list of convolutions and one of norms
    changed = 0
    for name, norm in lost.items():
        fitting = [one for one in waiting if getattr(modules[one], "out_channels", 0) == norm.num_features]
        earlier = [one for one in fitting if places[one] < places[name]]
        if not fitting:
            continue
        chosen = fitting[0] if apart or not earlier else max(earlier, key=places.__getitem__)
        waiting.remove(chosen)
        add_norm(modules[chosen], norm)
        changed += 1
    return model if changed else None


def default_eps(model: nn.Module, seen: Trace) -> nn.Module | None:
    """Batch norm's momentum and eps as torch has them; None where eps is not large."""
    norms = [module for module in model.modules() if isinstance(module, BATCH_NORMS)]
    if max((norm.eps for norm in norms), default=0.0) < LARGE_EPS:
        return None
    for norm in norms:
        norm.momentum, norm.eps = MOMENTUM, EPS
    return model
