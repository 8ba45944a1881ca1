"""What the configured long run will take, from a few measured steps at its own size and a few decoded files."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence

import torch
from PIL import Image
from torch import nn
from torch.nn.functional import cross_entropy
from torchvision.transforms.v2.functional import pil_to_tensor

from diagnose.catalogue import optimizers
from diagnose.dataset.decoding import decode
from diagnose.model import Forecast, Interval
from diagnose.probing.augment import augmentation
from diagnose.probing.clock import Clock
from diagnose.probing.job import LongRun
from diagnose.probing.optimizer import optimizer_for
from diagnose.probing.recipe import Recipe
from diagnose.probing.train import fed
from diagnose.probing.weights import build

TIMED = 3  # steps, after one that warms up
FILES = 48  # decoded for the speed of loading
SLACK = 0.15  # by which speeds on one machine vary from hour to hour: no range is narrower
EVALUATION = 1 / 3  # of a training step's time for an image: the forward pass of a forward and two backward ones


def step_seconds(
    arch: str,
    recipe: Recipe,
    classes: int,
    run: LongRun,
    batch: int,
    device: torch.device,
    deadline: float,
    clock: Clock = time.monotonic,
) -> list[float]:
    """Seconds per image of `TIMED` training steps at the long run's size, warm-up excluded."""
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


def loading_seconds(paths: Sequence[str], recipe: Recipe, size: int) -> list[float]:
    """Seconds per image, in one process, to read, decode, resize and augment files as the long run would."""
    augment, _ = augmentation(recipe.augmentations, size, dict(recipe.augmentation_options))
    times = []
    for path in paths[:FILES]:
        begin = time.perf_counter()
        with open(path, "rb") as file:
            image, _ = decode(file.read())
        pixels = pil_to_tensor(image.resize((size, size), Image.Resampling.BILINEAR))
        if augment:
            pixels = augment(pixels)
        fed(pixels[None], recipe)
        times.append(time.perf_counter() - begin)
    return times


def memory_bytes(arch: str, recipe: Recipe, classes: int, run: LongRun) -> int | None:
    """Bytes at the peak of a step in 32-bit floats: parameters, gradients, the optimizer's state, and what the forward
    pass keeps for the backward one. Nothing is computed: the tensors have shapes and no storage (the meta device). None
    for a network that can't be made so."""
    try:
        return _memory_bytes(arch, recipe, classes, run)
    except NotImplementedError:  # it computes with its first values, as torchvision's RegNets do
        return None


def _memory_bytes(arch: str, recipe: Recipe, classes: int, run: LongRun) -> int:
    with torch.device("meta"):
        model: nn.Module = build(arch, recipe.outputs or classes, None, 0, recipe.head_options, run.input_size)
        images = torch.empty(run.batch_size, 3, run.input_size, run.input_size)
    model.train()
    kept: dict[int, int] = {}
    alive: list[torch.Tensor] = []  # so that no address is used twice

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        kept[storage._cdata] = storage.nbytes()
        alive.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        model(images)
    parameters = sum(p.numel() * p.element_size() for p in model.parameters())
    own = {p.untyped_storage()._cdata for p in model.parameters()}
    activations = sum(size for storage, size in kept.items() if storage not in own)
    states = _states(recipe)
    return (2 + states) * parameters + activations


def _states(recipe: Recipe) -> int:
    """Tensors that the optimizer keeps of each parameter's size; SGD's momentum only where it has one."""
    entry = optimizers.find(recipe.optimizer)
    if entry is None:
        return optimizers.BY_KEY["adamw"].states
    return entry.states if recipe.momentum or not entry.momentum else 0


def forecast(
    run: LongRun, compute: Sequence[float], loading: Sequence[float], device: str, memory: int | None
) -> Forecast:
    """The long run's time: the slower of computing and loading sets the pace; ranges by the spread of the timings."""
    workers = max(1, os.cpu_count() or 1)
    image, load = statistics.median(compute), statistics.fmean(loading) / workers
    images = run.epochs * (run.train_images + EVALUATION * run.val_images)
    pace = max(image, load)
    spread = max(SLACK, (max(compute) - min(compute)) / (2 * image), _error(loading) / statistics.fmean(loading))
    seconds = images * pace
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
        memory=memory,
        price=run.price * seconds / 3600 if run.price is not None else None,
    )


def _error(values: Sequence[float]) -> float:
    """Two standard errors of the mean."""
    return 2 * statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0
