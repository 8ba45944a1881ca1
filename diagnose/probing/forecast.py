"""What the configured full training run will take, from a few measured steps of its own size and decoded files."""

from __future__ import annotations

import io
import math
import os
import statistics
import time
from collections.abc import Sequence
from typing import IO

import torch
from PIL import Image
from torch.nn.functional import cross_entropy
from torchvision.transforms.v2.functional import pil_to_tensor

from diagnose.dataset.decoding import decode
from diagnose.model import FP32, Card, Forecast, Interval, Resized
from diagnose.probing.augment import augmentation
from diagnose.probing.clock import Clock
from diagnose.probing.job import FullRun
from diagnose.probing.optimizer import optimizer_for
from diagnose.probing.recipe import Recipe
from diagnose.probing.scale import FORWARD
from diagnose.probing.train import fed
from diagnose.probing.weights import build

TIMED = 3  # steps, after one that warms up
FILES = 48  # decoded for the speed of loading
SLACK = 0.15  # by which speeds on one machine vary from hour to hour: no range is narrower
JPEG_QUALITY = 95  # of copies: next to no visible loss


def step_seconds(
    arch: str,
    recipe: Recipe,
    classes: int,
    run: FullRun,
    batch: int,
    device: torch.device,
    deadline: float,
    clock: Clock = time.monotonic,
) -> list[float]:
    """Seconds per image of `TIMED` training steps at the full training run's size, warm-up excluded."""
    model = build(arch, recipe.outputs or classes, None, 0, recipe.head_options, run.input_size)
    model = model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    model.train()
    optimizer = optimizer_for(recipe, list(model.parameters()))
    pixels = torch.randint(0, 256, (batch, 3, run.input_size, run.input_size), dtype=torch.uint8, device=device)
    labels = torch.arange(batch, device=device) % classes
    half = torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")
    times = []
    for _ in range(TIMED + 1):
        begin = time.perf_counter()
        with half:
            loss = cross_entropy(model(fed(pixels, Recipe())).float(), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        loss.item()
        times.append((time.perf_counter() - begin) / batch)
        if clock() > deadline:
            break
    return times[1:] or times


def loading_seconds(paths: Sequence[str], recipe: Recipe, size: int) -> tuple[list[float], list[float]]:
    """Seconds per image, in one process, to read, decode, resize and augment files as the full training run would; and
    the same for copies of them that were resized once, to a JPEG of the input size in memory."""
    augment, _ = augmentation(recipe.augmentations, size, dict(recipe.augmentation_options))

    def load(file: IO[bytes]) -> float:
        begin = time.perf_counter()
        image, _ = decode(file.read())
        pixels = pil_to_tensor(image.resize((size, size), Image.Resampling.BILINEAR))
        if augment:
            pixels = augment(pixels)
        fed(pixels[None], recipe)
        return time.perf_counter() - begin

    whole, resized = [], []
    for path in paths[:FILES]:
        begin = time.perf_counter()
        with open(path, "rb") as file:
            opened = time.perf_counter() - begin
            whole.append(opened + load(file))
        resized.append(load(_copy(path, size)))
    return whole, resized


def _copy(path: str, size: int) -> IO[bytes]:
    """The image at the input size, as JPEG."""
    with open(path, "rb") as file:
        image, _ = decode(file.read())
    copy = io.BytesIO()
    image.resize((size, size), Image.Resampling.BILINEAR).convert("RGB").save(copy, "JPEG", quality=JPEG_QUALITY)
    copy.seek(0)
    return copy


def forecast(
    run: FullRun,
    compute: Sequence[float],
    loading: Sequence[float],
    device: str,
    resized: Sequence[float] = (),
    memory: Sequence[tuple[str, int]] = (),
    card: Card | None = None,
) -> Forecast:
    """The full training run's time: the slower of computing and loading sets the pace; ranges by the spread of the
    timings. compute, loading, resized: seconds per image, the last from copies of the same files in the same order.
    memory: bytes by precision."""
    workers = max(1, os.cpu_count() or 1)
    image, load = statistics.median(compute), statistics.fmean(loading) / workers
    images = run.epochs * (run.train_images + FORWARD * run.val_images)
    pace = max(image, load)
    spread = max(SLACK, (max(compute) - min(compute)) / (2 * image), _error(loading) / statistics.fmean(loading))
    seconds = images * pace
    needed = math.ceil(statistics.fmean(loading) / image)
    return Forecast(
        seconds=seconds,
        seconds_range=Interval(seconds * (1 - min(spread, 0.9)), seconds * (1 + spread)),
        compute=1 / image,
        loading=1 / load,
        workers=workers,
        device=device,
        batch=run.batch_size,
        input_size=run.input_size,
        epochs=run.epochs,
        steps=run.steps,
        memory=dict(memory).get(FP32),
        memory_by_precision=tuple(memory),
        card=card,
        price=run.price * seconds / 3600 if run.price is not None else None,
        workers_needed=needed if needed <= workers else None,
        workers_missing=max(0, needed - workers),
        resized=_resized(image, loading, resized, workers, images, spread) if resized else None,
    )


def _resized(
    image: float, loading: Sequence[float], resized: Sequence[float], workers: int, images: float, spread: float
) -> Resized:
    """What loading from copies brings: a gain only where loading sets the pace, each file's own saving is beyond its
    error, and the gain is more than the spread of the whole run's time."""
    load, quick = statistics.fmean(loading) / workers, statistics.fmean(resized) / workers
    saved = [before - after for before, after in zip(loading, resized, strict=True)]
    sure = statistics.fmean(saved) > _error(saved)
    gain = images * (load - max(image, quick))
    real = load > image and sure and gain > spread * images * load
    return Resized(1 / quick, gain if real else None)


def _error(values: Sequence[float]) -> float:
    """Two standard errors of the mean."""
    return 2 * statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0
