"""How often the 80% intervals of the learning curve hold: predicted at twice the images, then measured there.

    python tests/benchmarks/curve_coverage.py FOLDER [FOLDER …]

FOLDER holds train/ and test/ (Fashion-MNIST by real_images.py) or classes alone; then a third is kept for testing.
Each trial draws a training sample and 240 validation images, fits the law through 12.5 to 100% of the sample, and
compares the interval at twice the size with the mean accuracy of two fresh samples of twice the size on all
other images. The second number is the interval of the images that the accuracy at twice the size takes.
Features: the stand-in's, frozen, at 64 px. Printed: trials, the share of intervals that hold, and its 95% interval.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from diagnose.probing.data_curve import LEVEL, learning_curve, linear_probe_hits
from diagnose.probing.features import LinearProbe, embed
from diagnose.probing.images import load
from diagnose.probing.statistics import wilson
from diagnose.probing.weights import build, find_weights

SIDE, MOST, HELD, TRIALS, FRESH = 64, 800, 240, 60, 2


def pictures(folder: Path) -> tuple[list[str], torch.Tensor, int]:
    names = sorted(path.name for path in folder.iterdir())
    found = [
        (str(path), number) for number, name in enumerate(names) for path in sorted((folder / name).iterdir())[:MOST]
    ]
    return [path for path, _ in found], torch.tensor([number for _, number in found]), len(names)


def main() -> None:
    weights = find_weights("auto", "resnet50", True, print)
    assert weights is not None
    model = build(weights.arch, 10, weights, 0)
    for folder in map(Path, sys.argv[1:]):
        paths, labels, classes = pictures(folder / "train" if (folder / "train").is_dir() else folder)
        features = embed(model, load(paths, SIDE))
        if (folder / "test").is_dir():
            paths, test_labels, _ = pictures(folder / "test")
            test = embed(model, load(paths, SIDE))
        else:
            order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
            cut = len(order) * 2 // 3
            test, test_labels = features[order[cut:]], labels[order[cut:]]
            features, labels = features[order[:cut]], labels[order[:cut]]
        tried(folder.name, features, labels, test, test_labels, classes)


def tried(name, features, labels, test, test_labels, classes) -> None:
    largest = min(len(labels) // 2, 800)
    held = accurate = enough = told = 0
    for trial in range(TRIALS):
        generator = torch.Generator().manual_seed(trial)
        size = int(torch.randint(largest // 4, largest + 1, (1,), generator=generator))
        order = torch.randperm(len(labels), generator=generator)
        seen = torch.randperm(len(test_labels), generator=generator)
        val, rest = seen[:HELD], seen[HELD:] if len(seen) > 2 * HELD else seen
        sizes, hits = linear_probe_hits(
            features[order[:size]], labels[order[:size]], test[val], test_labels[val], classes
        )
        truth = 0.0
        for fresh in range(FRESH):
            chosen = torch.randperm(len(labels), generator=torch.Generator().manual_seed(1000 * trial + fresh))[
                : 2 * size
            ]
            guessed = LinearProbe(features[chosen], labels[chosen], classes).logits(test[rest]).argmax(1)
            truth += float((guessed == test_labels[rest]).double().mean()) / FRESH
        curve = learning_curve("pretrained", sizes, hits, truth)
        if curve.doubled_interval is None:
            continue
        told += 1
        held += curve.doubled_interval.low <= truth <= curve.doubled_interval.high
        if curve.needed_interval is not None:
            accurate += 1
            enough += curve.needed_interval.low <= 2 * sizes[-1] <= curve.needed_interval.high
    for what, hit, count in (("accuracy at twice the images", held, told), ("images that it takes", enough, accurate)):
        if count:
            span = wilson(hit, count)
            print(
                f"{name:12} {what:30} nominal {LEVEL:.0%}: {hit}/{count} = {hit / count:.0%} "
                f"[{span.low:.0%}, {span.high:.0%}], told in {count} of {TRIALS} trials",
                flush=True,
            )


if __name__ == "__main__":
    main()
