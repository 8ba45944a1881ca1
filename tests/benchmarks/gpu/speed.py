"""The probes' loop against the same network on synthetic tensors and against a plain DataLoader loop, and decoding."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from statistics import median
from unittest.mock import patch

import torch
from benchmarks.gpu.loops import FLIPS, loader, noise_images, probe, synthetic
from benchmarks.gpu.photographs import labelled
from benchmarks.gpu.setting import CLASSES, Row, Setting

from diagnose.probing.device import moved
from diagnose.probing.images import load
from diagnose.probing.pictures import PIECE
from diagnose.probing.recipe import Recipe
from diagnose.probing.schedule import rates
from diagnose.probing.train import Images, train
from diagnose.probing.weights import build

OF_SYNTHETIC, TIMES_LOADER = 0.6, 3.0
ON_DEVICE = 2048  # photographs
CROPS = replace(FLIPS, augmentations=("random_resized_crop", "random_horizontal_flip"))


def run(setting: Setting) -> Iterator[Row]:
    """Images per second of each loop, medians of rounds in turns."""
    pixels, labels = decoded(setting, ON_DEVICE)
    images = Images(pixels, labels, pixels[:2], labels[:2])
    size, batch = setting.size, setting.batch
    seconds: dict[str, list[float]] = {"synthetic": [], "probe": [], "waiting": [], "crops": []}
    for _ in range(setting.rounds):
        seconds["synthetic"].append(synthetic(setting, size, batch))
        seconds["probe"].append(probe(setting, images, batch))
        with patch("diagnose.probing.train.later", lambda loss: loss.detach().item):
            seconds["waiting"].append(probe(setting, images, batch))
        seconds["crops"].append(probe(setting, images, batch, CROPS))
    speed = {name: batch / median(some) for name, some in seconds.items()}
    where = f"{setting.arch}, {size} px, batch {batch}"
    yield setting.row("synthetic tensors", speed["synthetic"], "images/s", note=where)
    yield setting.row("probe loop, flips", speed["probe"], "images/s", note=where)
    share = speed["probe"] / speed["synthetic"]
    yield setting.row("probe loop / synthetic", share, "", f">= {OF_SYNTHETIC}", share >= OF_SYNTHETIC)
    yield setting.row("probe loop, waiting for each step's end", speed["waiting"], "images/s")
    yield setting.row("probe loop, random resized crops and flips", speed["crops"], "images/s")
    for place, workers in enumerate(setting.workers):
        slow = batch / loader(setting, workers)
        yield setting.row(f"DataLoader loop, {workers} workers", slow, "images/s", note=where)
        times, goal = speed["probe"] / slow, f">= {TIMES_LOADER:g}" if place == 0 else ""
        met = times >= TIMES_LOADER if place == 0 else None
        yield setting.row(f"probe loop / DataLoader loop, {workers} workers", times, "times", goal, met)
    few, little = noise_images(setting, 64, 512), min(16, batch)
    yield setting.row("synthetic tensors, small", little / synthetic(setting, 64, little), "images/s",
                      note=f"64 px, batch {little}")  # fmt: skip
    yield setting.row("probe loop, small", little / probe(setting, few, little), "images/s",
                      note=f"64 px, batch {little}")  # fmt: skip


def decoded(setting: Setting, most: int) -> tuple[torch.Tensor, torch.Tensor]:
    """uint8 pixels and labels of the first photographs, on the device."""
    items = labelled(setting)[:most]
    device = torch.device(setting.device)
    pixels = load([path for path, _ in items], setting.size)
    return moved(pixels, device), moved(torch.tensor([label for _, label in items]), device)


def beside(setting: Setting) -> Iterator[Row]:
    """Decoding all photographs in threads: alone, and while the probes' loop trains."""
    paths = [path for path, _ in labelled(setting)]
    alone = _decode(paths, setting.size)
    yield setting.row("decoding alone", len(paths) / alone, "images/s", note=f"{len(paths)} files in {alone:.1f} s")
    images = noise_images(setting, setting.size, 512)
    quiet = probe(setting, images, setting.batch)
    took: list[float] = []
    thread = threading.Thread(target=lambda: took.append(_decode(paths, setting.size)))
    stamps: list[float] = []

    def stamp(step: int, loss: float) -> bool:
        stamps.append(time.perf_counter())
        if step + 1 == setting.warm:
            thread.start()
        return step < setting.warm + 1 or thread.is_alive()

    long = rates(Recipe(), 100_000)
    train(build(setting.arch, CLASSES, None, 0), FLIPS, images, long, setting.batch, 0, stamp, evaluate=False)
    thread.join()
    busy = (stamps[-1] - stamps[setting.warm - 1]) / (len(stamps) - setting.warm)
    yield setting.row("decoding beside the probe loop", len(paths) / took[0], "images/s")
    yield setting.row("probe loop beside decoding", setting.batch / busy, "images/s",
                      note=f"{quiet / busy:.2f} of its speed alone")  # fmt: skip


def _decode(paths: list[str], size: int) -> float:
    begin = time.perf_counter()
    for start in range(0, len(paths), PIECE):
        load(paths[start : start + PIECE], size)
    return time.perf_counter() - begin
