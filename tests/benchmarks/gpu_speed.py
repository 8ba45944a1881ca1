"""What a GPU reaches in the probes: against synthetic tensors that lie on it, and against a plain DataLoader loop.

    python tests/benchmarks/gpu_speed.py FOLDER           needs CUDA; FOLDER has a sub-folder of JPEGs for each class
    python tests/benchmarks/gpu_speed.py FOLDER --tiny    a few small steps on the CPU: only whether it runs

ResNet50 from scratch at 224 px, batch 64, bf16 and channels_last in all three: (1) one batch of noise on the device
over and over, the most that the model can do; (2) the probes' own loop on their uint8 images on the device, with flips;
(3) ImageFolder with RandomResizedCrop and flips in a DataLoader with a process for each core. Then the whole default
probe set by the command, in seconds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median

import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

from diagnose.probing.images import load, normalise
from diagnose.probing.recipe import Recipe
from diagnose.probing.schedule import rates
from diagnose.probing.train import Images, train
from diagnose.probing.weights import build

TINY = "--tiny" in sys.argv
ARCH, SIZE, BATCH, STEPS, WARM, ROUNDS = (
    ("shufflenet_v2_x0_5", 32, 4, 6, 2, 1) if TINY else ("resnet50", 224, 64, 80, 20, 3)
)
IMAGES = 32 if TINY else 2048
RECIPE = Recipe(augmentations=("random_horizontal_flip",))


def step_seconds(device: torch.device, classes: int, batches: Iterator[tuple[torch.Tensor, torch.Tensor]]) -> float:
    """The median of a step of the bare loop, the wait for its batch included. Batches are normalised floats."""
    model = build(ARCH, classes, None, 0).to(device, memory_format=torch.channels_last).train()
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
    stamps = []
    for step, (pixels, labels) in enumerate(batches):
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            loss = cross_entropy(model(pixels).float(), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        loss.item()
        stamps.append(time.perf_counter())
        if step + 1 == WARM + STEPS:
            break
    return median(later - earlier for earlier, later in zip(stamps[WARM:], stamps[WARM + 1 :], strict=False))


def synthetic(device: torch.device, classes: int) -> float:
    pixels = torch.randn(BATCH, 3, SIZE, SIZE, device=device).to(memory_format=torch.channels_last)
    labels = torch.randint(0, classes, (BATCH,), device=device)
    return step_seconds(device, classes, ((pixels, labels) for _ in range(WARM + STEPS)))


def probe(device: torch.device, classes: int, images: Images) -> float:
    stamps: list[float] = []

    def stamp(step: int, loss: float) -> bool:
        stamps.append(time.perf_counter())
        return True

    model = build(ARCH, classes, None, 0)
    train(model, RECIPE, images, rates(RECIPE, WARM + STEPS), BATCH, 0, stamp, evaluate=False)
    return median(later - earlier for earlier, later in zip(stamps[WARM:], stamps[WARM + 1 :], strict=False))


def loader(device: torch.device, classes: int, folder: str) -> float:
    prepared = transforms.Compose(
        [transforms.RandomResizedCrop(SIZE), transforms.RandomHorizontalFlip(), transforms.ToTensor()]
    )
    data = datasets.ImageFolder(folder, prepared)
    several = DataLoader(data, BATCH, shuffle=True, num_workers=os.cpu_count() or 1, pin_memory=device.type == "cuda",
                         drop_last=True, persistent_workers=True)  # fmt: skip

    def batches() -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        while True:
            for pixels, labels in several:
                moved = pixels.to(device, non_blocking=True)
                yield (
                    normalise(moved * 255, RECIPE.scaling, RECIPE.mean, RECIPE.std).to(
                        memory_format=torch.channels_last
                    ),
                    labels.to(device, non_blocking=True),
                )

    return step_seconds(device, classes, batches())


def main() -> int:
    folder = sys.argv[1]
    if not torch.cuda.is_available() and not TINY:
        print("not run: needs a CUDA device (--tiny tries the code on the CPU)")
        return 0
    device = torch.device("cpu" if TINY else "cuda")
    data = datasets.ImageFolder(folder)
    classes = len(data.classes)
    chosen = [data.samples[n] for n in torch.randperm(len(data), generator=torch.Generator().manual_seed(0))[:IMAGES]]
    pixels = load([path for path, _ in chosen], SIZE).to(device)
    labels = torch.tensor([label for _, label in chosen]).to(device)
    images = Images(pixels, labels, pixels[:2], labels[:2])
    times: dict[str, list[float]] = {"synthetic": [], "probe": [], "DataLoader": []}
    for _ in range(ROUNDS):
        times["synthetic"].append(synthetic(device, classes))
        times["probe"].append(probe(device, classes, images))
        times["DataLoader"].append(loader(device, classes, folder))
    speed = {name: BATCH / median(some) for name, some in times.items()}
    print(torch.cuda.get_device_name() if device.type == "cuda" else "CPU, tiny")
    for name, each in speed.items():
        print(f"{name:12}{each:>10,.0f} images/s")
    print(f"probe: {speed['probe'] / speed['synthetic']:.2f} of synthetic, {speed['probe'] / speed['DataLoader']:.1f} "
          "times the DataLoader loop")  # fmt: skip
    begin = time.monotonic()
    options = ["--no-probes"] if TINY else []
    done = subprocess.run(
        [sys.executable, "-m", "diagnose", folder, "--report", "--fresh", *options],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    what = "the command without probes" if TINY else "whole default probe set"
    print(f"{what}: {time.monotonic() - begin:.0f} s, exit {done.returncode}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
