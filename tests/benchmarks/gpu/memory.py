"""Batches that the device's memory does not hold: a session whose memory is cut down goes on with half of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

import torch
from benchmarks.gpu.loops import bare, network, synthetic_batch
from benchmarks.gpu.photographs import labelled
from benchmarks.gpu.setting import CLASSES, Row, Setting
from steps import Steps

from diagnose.events import Note, ProbesMeasured
from diagnose.probing import scale
from diagnose.probing.clock import Clock
from diagnose.probing.job import Failed, Job
from diagnose.probing.recipe import Recipe
from diagnose.probing.session import ProbeSession
from diagnose.probing.train import train

IMAGES = 400  # of which half are trained on: enough for the largest batch


def run(setting: Setting) -> Iterator[Row]:
    """Peaks of a step at two batches, and the session under a limit between them."""
    if setting.device != "cuda":
        yield setting.needs_cuda("peak of a training step")
        yield from _session(setting, lambda: _planted(setting), "planted faults on the CPU", Steps())
        return
    whole, half = (_peak(setting, batch) for batch in (scale.BATCHES[-1], scale.BATCHES[-1] // 2))
    note = f"{setting.small_arch}, {setting.size} px"
    yield setting.row(f"peak of a training step, batch {scale.BATCHES[-1]}", whole / 1e9, "GB", note=note)
    yield setting.row(f"peak of a training step, batch {scale.BATCHES[-1] // 2}", half / 1e9, "GB", note=note)
    limit = (whole + half) / 2
    yield from _session(setting, lambda: _limited(limit), f"limit of {limit / 1e9:.2f} GB")


def _peak(setting: Setting, batch: int) -> int:
    """Bytes that the allocator holds at most."""
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    given = synthetic_batch(setting, setting.size, batch)
    bare(setting, network(setting, setting.small_arch), (given for _ in range(setting.warm + setting.steps)))
    peak = torch.cuda.max_memory_reserved()
    del given
    torch.cuda.empty_cache()
    return peak


def _session(
    setting: Setting, limit: Callable[[], AbstractContextManager[None]], how: str, clock: Clock = time.monotonic
) -> Iterator[Row]:
    items = tuple(labelled(setting)[:IMAGES])
    arch = setting.small_arch
    job = Job(
        classes=tuple(str(number) for number in range(CLASSES)), train=items[::2], val=items[1::2],
        seconds=setting.memory_seconds, arch=arch, weights="none", offline=True, configured_arch=arch,
        configured=Recipe(),
    )  # fmt: skip
    events: list[Any] = []
    with limit():
        ProbeSession(job, torch.device(setting.device), events.append, clock).run()
    halved = [event.text for event in events if isinstance(event, Note) and "out of memory" in event.text]
    failed = [event.why for event in events if isinstance(event, Failed)]
    measured = [event.probes for event in events if isinstance(event, ProbesMeasured)]
    runs = len(measured[-1].runs) if measured else 0
    yield setting.row(
        "session after memory ran out", runs, "runs", "halved, runs and no failure",
        bool(halved) and bool(runs) and not failed, note="; ".join([how, *halved, *failed]),
    )  # fmt: skip


@contextmanager
def _limited(limit: float) -> Iterator[None]:
    """The allocator refuses to hold more than `limit` bytes."""
    torch.cuda.empty_cache()
    share = limit / torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(share)
    try:
        yield
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
        torch.cuda.empty_cache()


@contextmanager
def _planted(setting: Setting) -> Iterator[None]:
    """Batches above 4 fail, and all is short."""

    def limited(model: Any, recipe: Any, images: Any, schedule: Any, batch: int, *rest: Any, **more: Any) -> Any:
        if batch > 4:
            raise torch.OutOfMemoryError("CUDA out of memory. Planted")
        return train(model, recipe, images, schedule, batch, *rest, **more)

    short = {"BATCHES": (8,), "LENGTHS": (6, 4), "FEW": 4, "SIDES": (setting.size,)}
    with patch("diagnose.probing.bench.train", limited), patch.multiple(scale, **short):
        yield
