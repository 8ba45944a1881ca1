"""The training loops that are timed against each other, and what each needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import torch
from benchmarks.gpu.setting import CLASSES, Setting
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

from diagnose.probing.device import arithmetic, synchronise
from diagnose.probing.recipe import Recipe
from diagnose.probing.schedule import rates
from diagnose.probing.train import Images, train
from diagnose.probing.weights import build

FLIPS = Recipe(augmentations=("random_horizontal_flip",))
FILLED = 3  # times the warm-up of other loops, until a DataLoader no longer lives on what it fetched beforehand


def network(setting: Setting, arch: str | None = None) -> nn.Module:
    return (
        build(arch or setting.arch, CLASSES, None, 0)
        .to(torch.device(setting.device), memory_format=torch.channels_last)
        .train()
    )


def synthetic_batch(setting: Setting, size: int, batch: int) -> tuple[Tensor, Tensor]:
    device = torch.device(setting.device)
    pixels = torch.randn(batch, 3, size, size, device=device).to(memory_format=torch.channels_last)
    return pixels, torch.arange(batch, device=device) % CLASSES


def bare(
    setting: Setting,
    model: nn.Module,
    batches: Iterator[tuple[Tensor, Tensor]],
    warm: int = 0,
    half: Callable[[], AbstractContextManager[None]] | None = None,
) -> float:
    """Seconds of a step of the loop that one writes by hand; it never waits for the device but at the ends."""
    device = torch.device(setting.device)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
    warm = warm or setting.warm
    begin = 0.0
    for step, (pixels, labels) in enumerate(batches):
        if step == warm:
            synchronise(device)
            begin = time.perf_counter()
        with half() if half else arithmetic(device):
            outputs = model(pixels)
        loss = cross_entropy(outputs.float(), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if step + 1 == warm + setting.steps:
            break
    synchronise(device)
    return (time.perf_counter() - begin) / setting.steps


def synthetic(setting: Setting, size: int, batch: int) -> float:
    """Seconds of a step on one batch of noise that lies on the device: the most that the model can do."""
    given = synthetic_batch(setting, size, batch)
    return bare(setting, network(setting), (given for _ in range(setting.warm + setting.steps)))


def probe(setting: Setting, images: Images, batch: int, recipe: Recipe = FLIPS) -> float:
    """Seconds of a step of the probes' own loop."""
    stamps: list[float] = []

    def stamp(step: int, loss: float) -> bool:
        stamps.append(time.perf_counter())
        return True

    steps = setting.warm + setting.steps
    train(build(setting.arch, CLASSES, None, 0), recipe, images, rates(recipe, steps), batch, 0, stamp, evaluate=False)
    return (stamps[-1] - stamps[setting.warm - 1]) / setting.steps


def loader(setting: Setting, workers: int) -> float:
    """Seconds of a step of a plain loop over ImageFolder, random resized crops and flips in a DataLoader."""
    device = torch.device(setting.device)
    prepared = transforms.Compose(
        [transforms.RandomResizedCrop(setting.size), transforms.RandomHorizontalFlip(), transforms.ToTensor(),
         transforms.Normalize(FLIPS.mean, FLIPS.std)]
    )  # fmt: skip
    data = datasets.ImageFolder(str(setting.photographs / "train"), prepared)
    several = DataLoader(data, setting.batch, shuffle=True, num_workers=workers, pin_memory=device.type == "cuda",
                         drop_last=True, persistent_workers=True)  # fmt: skip

    def batches() -> Iterator[tuple[Tensor, Tensor]]:
        while True:
            for pixels, labels in several:
                there = pixels.to(device, non_blocking=True, memory_format=torch.channels_last)
                yield there, labels.to(device, non_blocking=True)

    return bare(setting, network(setting), batches(), FILLED * setting.warm)


def noise_images(setting: Setting, size: int, count: int) -> Images:
    """uint8 noise on the device, in place of photographs."""
    device = torch.device(setting.device)
    pixels = torch.randint(0, 256, (count, 3, size, size), dtype=torch.uint8, device=device)
    labels = torch.arange(count, device=device) % CLASSES
    return Images(pixels, labels, pixels[:2], labels[:2])
