"""What a probe step costs over the bare loop of the same model, side by side on this machine.

    python tests/benchmarks/probe_speed.py [ARCH …]       ResNet50 and the stand-in where none is named

The bare loop is what one writes by hand: normalise, forward, cross-entropy, backward, step, on images that are in
memory as the probe's are. Rounds of both in turns; printed are the medians of a step and their ratio.
"""

from __future__ import annotations

import sys
import time
from itertools import pairwise
from statistics import median

import torch
from torch.nn.functional import cross_entropy

from diagnose.probing.images import normalise
from diagnose.probing.libraries.substitute import SUBSTITUTE
from diagnose.probing.recipe import Recipe
from diagnose.probing.scale import BATCHES, SIDES
from diagnose.probing.schedule import rates
from diagnose.probing.session import find_device
from diagnose.probing.train import Images, train
from diagnose.probing.weights import build

CLASSES, IMAGES, STEPS, ROUNDS = 10, 256, 12, 5


def main() -> None:
    device = find_device("auto")
    size, batch = (SIDES[0], BATCHES[0]) if device.type == "cpu" else (SIDES[-1], BATCHES[-1])
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (IMAGES, 3, size, size), dtype=torch.uint8, generator=generator).to(device)
    labels = (torch.arange(IMAGES) % CLASSES).to(device)
    for arch in sys.argv[1:] or ("resnet50", SUBSTITUTE):
        bare, probe, flipped = [], [], []
        for _ in range(ROUNDS):
            bare += bare_steps(arch, pixels, labels, batch)
            probe += probe_steps(arch, Images(pixels, labels, pixels[:2], labels[:2]), batch, ())
            flipped += probe_steps(
                arch, Images(pixels, labels, pixels[:2], labels[:2]), batch, ("random_horizontal_flip",)
            )
        told = [1000 * median(times) for times in (bare, probe, flipped)]
        print(
            f"{arch} at {size} px, batch {batch}, on {device.type}: bare {told[0]:.1f} ms, probe {told[1]:.1f} ms "
            f"({told[1] / told[0]:.3f} times), with flips {told[2]:.1f} ms ({told[2] / told[0]:.3f} times)",
            flush=True,
        )


def bare_steps(arch: str, pixels: torch.Tensor, labels: torch.Tensor, batch: int) -> list[float]:
    model = build(arch, CLASSES, None, 0).to(pixels.device, memory_format=torch.channels_last).train()
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
    order = torch.randperm(len(pixels))
    half = torch.autocast(pixels.device.type, torch.bfloat16, enabled=pixels.device.type == "cuda")
    recipe, stamps = Recipe(), []
    for step in range(STEPS):
        index = order[(step * batch) % (IMAGES - batch) :][:batch]
        with half:
            loss = cross_entropy(
                model(normalise(pixels[index], recipe.scaling, recipe.mean, recipe.std)).float(), labels[index]
            )
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        loss.item()
        stamps.append(time.perf_counter())
    return [later - earlier for earlier, later in pairwise(stamps[1:])]


def probe_steps(arch: str, images: Images, batch: int, augmentations: tuple[str, ...]) -> list[float]:
    stamps: list[float] = []

    def stamp(step: int, loss: float) -> bool:
        stamps.append(time.perf_counter())
        return True

    recipe = Recipe(augmentations=augmentations)
    train(build(arch, CLASSES, None, 0), recipe, images, rates(recipe, STEPS), batch, 0, stamp, evaluate=False)
    return [later - earlier for earlier, later in pairwise(stamps[1:])]


if __name__ == "__main__":
    main()
