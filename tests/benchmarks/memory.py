"""Memory at the peak of one training step: what diagnose.probing.memory predicts against what a real step took.

    python tests/benchmarks/memory.py [--batch N] [--size PX] [--optimizer NAME] [--checkpointing] [ARCH ...]

Eight architectures in fp32, with autocast and in bf16. Measured is a second step, whose optimizer state is there from
the first. On a machine with CUDA: torch.cuda.max_memory_allocated. Without: the live bytes of the CPU's allocator,
added up from every record of an allocation or release that torch.profiler took from before the network was built.
Neither knows of the prediction, which runs nothing.
"""

from __future__ import annotations

import argparse
import gc
from contextlib import nullcontext

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.profiler import ProfilerActivity, profile

from diagnose.probing.checkpointing import checkpointed
from diagnose.probing.memory import peak_bytes
from diagnose.probing.optimizer import optimizer_for
from diagnose.probing.recipe import Recipe
from diagnose.probing.weights import build

ARCHS = (
    "resnet18", "resnet50", "mobilenet_v3_large", "efficientnet_b0", "densenet121", "vgg16", "convnext_tiny",
    "vit_b_16",
)  # fmt: skip
PRECISIONS = ("fp32", "mixed", "bf16")
CLASSES = 10
MIB = 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archs", nargs="*", default=ARCHS)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--optimizer", default="adamw")
    parser.add_argument("--precisions", nargs="+", default=PRECISIONS)
    parser.add_argument("--checkpointing", action="store_true")
    asked = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    print(f"{device.type}, batch {asked.batch}, {asked.size} px, {asked.optimizer}, torch {torch.__version__}")
    print("| architecture | precision | predicted, MiB | measured, MiB | error |\n| --- | --- | --- | --- | --- |")
    recipe, errors = Recipe(asked.optimizer), []
    for arch in asked.archs:
        for precision in asked.precisions:
            size = 224 if arch == "vit_b_16" else asked.size  # its position embedding takes no other
            told = peak_bytes(
                arch, recipe, CLASSES, asked.batch, size, precision, asked.checkpointing, device=device.type
            )
            real = measured(arch, recipe, asked.batch, size, precision, asked.checkpointing, device)
            errors.append(told / real - 1)
            print(f"| {arch} | {precision} | {told / MIB:.1f} | {real / MIB:.1f} | {errors[-1]:+.1%} |", flush=True)
    within = sum(abs(error) <= 0.05 for error in errors)
    print(f"\n{within} of {len(errors)} within 5%; largest {max(errors, key=abs):+.1%}")


def measured(
    arch: str, recipe: Recipe, batch: int, size: int, precision: str, checkpointing: bool, device: torch.device
) -> int:
    """Bytes at the peak of a real step."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
        before = torch.cuda.memory_allocated()
        real_steps(arch, recipe, batch, size, precision, checkpointing, device, torch.cuda.reset_peak_memory_stats)
        torch.cuda.synchronize()
        return torch.cuda.max_memory_allocated() - before
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiled:
        real_steps(arch, recipe, batch, size, precision, checkpointing, device, mark)
    return peak_of(profiled)


def real_steps(
    arch: str,
    recipe: Recipe,
    batch: int,
    size: int,
    precision: str,
    checkpointing: bool,
    device: torch.device,
    before_second,
) -> None:
    """Two whole steps on noise, with `before_second()` between them."""
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    model: nn.Module = build(arch, CLASSES, None, 0).to(device, dtype)
    model.train()
    if checkpointing:
        checkpointed(model)
    optimizer = optimizer_for(recipe, list(model.parameters()))
    images = torch.randn(batch, 3, size, size, device=device, dtype=dtype)
    labels = torch.arange(batch, device=device) % CLASSES
    for step in range(2):
        if step == 1:
            before_second()
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device.type, torch.bfloat16) if precision == "mixed" else nullcontext():
            loss = cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        loss.item()
        del loss


def mark() -> None:
    """A mark in the profiler's records."""
    with torch.profiler.record_function("second step"):
        pass


def peak_of(profiled: profile) -> int:
    """The most bytes alive at once after the mark, from the allocator's records in the order of their time."""
    events = sorted(profiled.profiler.kineto_results.events(), key=lambda event: event.start_ns())
    alive = peak = 0
    counting = False
    for event in events:
        if event.name() == "second step":
            counting, peak = True, alive
        elif event.name() == "[memory]":
            alive += event.nbytes()
            peak = max(peak, alive)
    assert counting
    return peak


if __name__ == "__main__":
    main()
