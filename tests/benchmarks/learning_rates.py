"""The learning rate that the search suggests, beside those of published finders, after equally short training.

    python tests/benchmarks/learning_rates.py FOLDER FOLDER FOLDER [--cache FOLDER]     (pip install torch-lr-finder)

Each FOLDER holds train/ and val/ with class folders. Twenty set-ups: three optimizers, an architecture from scratch
and the pretrained stand-in on each folder, and ResNet18 from scratch on two. Ours: a range test of 22 steps and runs
of 20 or 30 on half-decades around a configured rate that is often wrong by decades. Theirs: torch-lr-finder's range
test of 100 steps, read as its own `steepest`, as fastai's `valley` and as fastai's `minimum / 10`. Then three new seeds
of 30 steps at every suggestion. Ours holds where no other has a lower held-out loss whose paired interval excludes
zero. Where the best rate is on the edge of what was tried, or learned no more than the label frequencies, the tool
suggests none; such a set-up counts as one that does not hold, and its best rate is compared all the same. `--search`
only searches; `--cache` keeps what was trained, so that a changed search does not train the others' suggestions again.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset
from torch_lr_finder import LRFinder

from diagnose.probing.bench import Arm, Bench
from diagnose.probing.cache import Cache, key_of
from diagnose.probing.images import load
from diagnose.probing.job import Job
from diagnose.probing.libraries.substitute import SUBSTITUTE
from diagnose.probing.optimizer import optimizer_for
from diagnose.probing.questions.rates import Rates
from diagnose.probing.questions.setting import ProbeSetting
from diagnose.probing.recipe import Recipe
from diagnose.probing.train import Images, fed
from diagnose.probing.weights import find_weights

SIDE, BATCH, STEPS, SEEDS, ITERATIONS = 64, 16, 30, (1, 2, 3), 100
TRAIN, HELD = 600, 240
CONFIGURED = {"sgd": (0.1, 10.0, 1e-5), "adam": (1e-3, 0.1, 1e-6), "adamw": (1e-4, 0.03, 1e-3)}


def pictures(folder: Path) -> tuple[Images, int]:
    def part(split: str, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        names = sorted(path.name for path in (folder / split).iterdir())
        each = max(1, count // len(names))
        found = [
            (str(path), n) for n, name in enumerate(names) for path in sorted((folder / split / name).iterdir())[:each]
        ]
        return load([path for path, _ in found], SIDE), torch.tensor([n for _, n in found])

    images = Images(*part("train", TRAIN), *part("val", HELD))
    return images, int(images.train_labels.max()) + 1


def theirs(bench: Bench, arm: Arm) -> tuple[dict[str, float], int]:
    """Suggestions of torch-lr-finder's curve: its own, and fastai's two; and the steps it took."""
    key = key_of("torch-lr-finder", *bench.identity(arm), ITERATIONS)
    if (stored := bench.cache.get(key)) is not None:
        return stored["suggested"], stored["steps"]
    images = bench.images
    order = torch.randperm(len(images.train), generator=torch.Generator().manual_seed(0))
    pixels = fed(images.train[order], arm.recipe)
    loader = DataLoader(TensorDataset(pixels, images.train_labels[order]), batch_size=BATCH, drop_last=True)
    model = bench.model(arm, 0)
    first = Recipe(arm.recipe.optimizer, 1e-7, weight_decay=arm.recipe.weight_decay)
    finder = LRFinder(model, optimizer_for(first, list(model.parameters())), torch.nn.CrossEntropyLoss(), device="cpu")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        finder.range_test(loader, end_lr=10, num_iter=ITERATIONS)
    steps = len(finder.history["lr"])
    rates, losses = np.array(finder.history["lr"][10:-5]), np.array(finder.history["loss"][10:-5])
    suggested = {
        "steepest": float(rates[np.gradient(losses).argmin()]),
        "valley": valley(rates, losses),
        "minimum / 10": float(rates[losses.argmin()]) / 10,
    }
    bench.cache.put(key, {"suggested": suggested, "steps": steps})
    return suggested, steps


def valley(rates, losses) -> float:
    """fastai 2.8, callback/schedule.py: the middle third of the longest decreasing subsequence."""
    count = len(losses)
    longest, start, end = [1] * count, 0, 0
    for i in range(1, count):
        for j in range(i):
            if losses[i] < losses[j] and longest[i] < longest[j] + 1:
                longest[i] = longest[j] + 1
            if longest[end] < longest[i]:
                end = i
                start = end - longest[end]
    sections = (end - start) / 3
    return float(rates[start + int(sections) + int(sections / 2)])


def setups(folders: list[Path]):
    for number, folder in enumerate(folders):
        for place, optimizer in enumerate(CONFIGURED):
            rate = CONFIGURED[optimizer][(number + place) % 3]
            yield folder, SUBSTITUTE, True, optimizer, rate
            yield folder, "shufflenet_v2_x0_5", False, optimizer, CONFIGURED[optimizer][(number + place + 1) % 3]
    yield folders[0], "resnet18", False, "sgd", 1.0
    yield folders[1], "resnet18", False, "adamw", 1e-5


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs=3, type=Path)
    parser.add_argument("--search", action="store_true")
    parser.add_argument("--cache", type=Path)
    options = parser.parse_args()
    weights = find_weights("auto", "resnet50", True, print)
    folders, cache = options.folders, Cache(options.cache)
    sets = {folder: pictures(folder) for folder in folders}
    held = lowest = withheld = 0
    spent, others, count = [], [], 0
    print(f"{'set':10} {'network':20} {'optimizer':9} {'from':>8} {'ours':>9} {'loss':>6}  others (suggestion: loss)")
    for folder, arch, pretrained, optimizer, rate in setups(folders):
        images, classes = sets[folder]
        found = weights if pretrained else None
        decay = 1e-4 if optimizer == "sgd" else 0.01 if optimizer == "adamw" else 0.0
        own = Recipe(optimizer, rate, weight_decay=decay, augmentations=())
        bench = Bench(images, classes, found, BATCH, folder.name, cache, lambda event: None)
        bench.steps = STEPS
        job = Job(tuple(map(str, range(classes))), (), (), 0, configured=own, arch=arch, configured_arch=arch,
                  configured_weights="imagenet" if pretrained else "none")  # fmt: skip
        question = Rates(ProbeSetting(job, arch, arch, found, own), bench)
        while question.information(question.done):
            question.run()
        best = question.search.best
        none = question.suggested is None
        mine = question.suggested or (question.search.rate(best) if best is not None else rate)
        withheld += none
        spent.append(question.steps)
        count += 1
        if options.search:
            print(
                f"{folder.name:10} {arch:20} {optimizer:9} {rate:8.1g} {mine:9.2g} {'none told' if none else ''}",
                flush=True,
            )
            continue
        arm = question.arm
        suggested, steps = theirs(bench, arm)
        others.append(steps)
        arms = {name: _at(arm, value) for name, value in {"ours": mine, **suggested}.items()}
        for one in arms.values():
            for seed in SEEDS:
                bench.run(one, seed)
        loss = {
            name: float(np.mean([bench.results(one)[seed].losses.mean() for seed in SEEDS]))
            for name, one in arms.items()
        }
        worse = [bench.gap(arms["ours"], one, "losses") for name, one in arms.items() if arms["ours"] != one]
        beaten = any(gap.interval.low > 0 for gap in worse)
        held += not beaten and not none
        lowest += loss["ours"] <= min(loss.values())
        told = ", ".join(f"{name} {value:.1g}: {loss[name]:.3f}" for name, value in suggested.items())
        mark = "BEATEN " if beaten else ""
        edge = " (none told)" if none else ""
        ours = f"{rate:8.1g} {mine:9.2g} {loss['ours']:6.3f}"
        print(
            f"{folder.name:10} {arch:20} {optimizer:9} {ours}  {told} {mark}{edge}",
            flush=True,
        )
    print(f"suggested: {count - withheld} of {count}; steps: {np.median(spent):.0f} (at most {max(spent)})")
    if others:
        print(f"lowest or within noise: {held} of {count}; lowest: {lowest}; their steps: {np.median(others):.0f}")


def _at(arm: Arm, rate: float) -> Arm:
    return replace(arm, name=f"{rate:.3g}", recipe=replace(arm.recipe, learning_rate=rate))


if __name__ == "__main__":
    begin = time.monotonic()
    main()
    print(f"{time.monotonic() - begin:.0f} s")
