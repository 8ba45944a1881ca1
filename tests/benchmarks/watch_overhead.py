"""What `diagnose.watch()` costs a training step of ResNet50.

    python tests/benchmarks/watch_overhead.py [--side PX] [--batch IMAGES] [--rounds N]

The same training is timed without the watch, while it looks closely, while it sleeps until the first validation, and
after it was taken off; rounds in turn, medians of steps.
"""

from __future__ import annotations

import argparse
import statistics
import time

import torch
import torchvision
from torch import nn

import diagnose


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--side", type=int, default=96)
    options.add_argument("--batch", type=int, default=8)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    net = torchvision.models.resnet50(num_classes=10)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    images, labels = torch.rand(given.batch, 3, given.side, given.side), torch.arange(given.batch) % 10

    def steps(count: int) -> list[float]:
        taken = []
        for _ in range(count):
            begin = time.perf_counter()
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(images), labels).backward()
            optimizer.step()
            taken.append(time.perf_counter() - begin)
        return taken

    steps(3)
    seconds: dict[str, list[float]] = {"without": [], "watched": [], "asleep": [], "taken off": []}
    for _ in range(given.rounds):
        seconds["without"] += steps(8)
        watch = diagnose.watch(steps=8)
        seconds["watched"] += steps(8)
        seconds["asleep"] += steps(8)
        watch.judge()
        seconds["taken off"] += steps(8)
    usual = statistics.median(seconds["without"])
    print(f"ResNet50, {given.side} px, {given.batch} images, {torch.get_num_threads()} threads")
    for name, taken in seconds.items():
        median = statistics.median(taken)
        print(f"{name:10} {median * 1000:8.1f} ms per step  {median / usual - 1:+.1%}")


if __name__ == "__main__":
    main()
