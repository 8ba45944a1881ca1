"""What would make a step faster, and after how many steps it has paid: cudnn's search, CUDA graphs, torch.compile.

A probe builds its network anew for every run, so what a first and what a second network of one architecture take is
told apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import torch
from benchmarks.gpu.loops import bare, network, synthetic_batch
from benchmarks.gpu.setting import Row, Setting
from torch import nn

from diagnose.probing.device import synchronise
from diagnose.probing.scale import LENGTHS

Change = Callable[[nn.Module, torch.Tensor], nn.Module]


def run(setting: Setting) -> Iterator[Row]:
    """A step of the plain network, and of each of the three."""
    sizes = [(64, min(16, setting.batch)), (setting.size, setting.batch)]
    plain: dict[tuple[int, int], float] = {}
    for size, batch in sizes:
        _, plain[size, batch] = _timed(setting, size, batch, lambda model, given: model)
        yield setting.row(f"plain step, {size} px, batch {batch}", 1000 * plain[size, batch], "ms", note=setting.arch)
    for name, change in (("cudnn.benchmark", _searched), ("CUDA graphs", _captured), ("torch.compile", _compiled)):
        if setting.device != "cuda" and change is not _compiled:
            yield setting.needs_cuda(name)
            continue
        for size, batch in sizes if change is not _compiled else sizes[1:]:  # compiling takes a minute
            try:
                yield from _changed(setting, name, change, size, batch, plain[size, batch])
            except Exception as fault:
                why = f"{type(fault).__name__}: {str(fault).strip().splitlines()[0] if str(fault).strip() else ''}"
                yield setting.row(f"{name}, {size} px", "failed", note=why[:300])
            finally:
                torch.backends.cudnn.benchmark = False


def _changed(setting: Setting, name: str, change: Change, size: int, batch: int, plain: float) -> Iterator[Row]:
    first, step = _timed(setting, size, batch, change)
    again, _ = _timed(setting, size, batch, change)
    saved = plain - step
    steps = again / saved if saved > 0 else float("inf")
    pays = f"a run has to last {steps:,.0f} steps" if saved > 0 else "it never pays"
    yield setting.row(
        f"{name}, {size} px, batch {batch}", 1000 * step, "ms a step", "",
        note=f"{plain / step:.2f} times as fast; ready after {first:.1f} s, a second network after {again:.1f} s: "
        f"{pays} (the longest has {LENGTHS[0]:,})",
    )  # fmt: skip


def _timed(setting: Setting, size: int, batch: int, change: Change) -> tuple[float, float]:
    """Seconds until a network's first step is over, beyond those of a later one, and seconds of a step."""
    device = torch.device(setting.device)
    given = synthetic_batch(setting, size, batch)
    model = network(setting)
    synchronise(device)
    begin = time.perf_counter()
    model = change(model, given[0])
    with _half(device):
        model(given[0]).float().sum().backward()
    synchronise(device)
    ready = time.perf_counter() - begin
    step = bare(setting, model, (given for _ in range(setting.warm + setting.steps)), half=lambda: _half(device))
    return max(0.0, ready - step), step


def _half(device: torch.device) -> torch.autocast:
    """bf16 without autocast's cache of weights, which a captured graph cannot use."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda", cache_enabled=False)


def _searched(model: nn.Module, given: torch.Tensor) -> nn.Module:
    torch.backends.cudnn.benchmark = True
    return model


def _captured(model: nn.Module, given: torch.Tensor) -> nn.Module:
    with _half(given.device):
        graphed: nn.Module = torch.cuda.make_graphed_callables(model, (given,))
    return graphed


def _compiled(model: nn.Module, given: torch.Tensor) -> nn.Module:
    compiled: nn.Module = torch.compile(model, dynamic=False, backend="inductor" if given.is_cuda else "eager")
    return compiled
