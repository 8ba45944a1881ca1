"""Whether bf16 changes what the probes find: the same arms in both precisions, and one network evaluated in both."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import numpy as np
import torch
from benchmarks.gpu.photographs import labelled
from benchmarks.gpu.setting import CLASSES, Row, Setting
from torch import nn
from torch.nn.functional import cosine_similarity

from diagnose.probing import device
from diagnose.probing.features import embed
from diagnose.probing.images import load
from diagnose.probing.recipe import Recipe
from diagnose.probing.schedule import rates
from diagnose.probing.statistics import paired
from diagnose.probing.train import Images, Trained, evaluated, train
from diagnose.probing.weights import build

TRAIN, HELD = 1500, 500
FIRST_LOSS, SAME_ANSWER, COSINE = 0.02, 0.98, 0.99  # goals


def run(setting: Setting) -> Iterator[Row]:
    """Losses, accuracies, answers and features in both precisions."""
    images = _images(setting)
    half, full = {setting.device}, set[str]()
    arms: dict[str, list[Trained]] = {"bf16": [], "fp32": []}
    model: nn.Module | None = None
    for seed in range(setting.parity_seeds):
        for name, types in (("bf16", half), ("fp32", full)):
            with patch.object(device, "HALF", types):
                model = build(setting.arch, CLASSES, None, seed)
                arms[name].append(_trained(setting, model, images, seed))
    firsts = [(a.curve[0][1], b.curve[0][1]) for a, b in zip(*arms.values(), strict=True)]
    off = max(abs(a - b) / b for a, b in firsts)
    yield setting.row("first loss, largest relative difference", off, "", f"<= {FIRST_LOSS}", off <= FIRST_LOSS)
    gap = paired(*([done.hits for done in some] for some in arms.values()))
    reached = " and ".join(f"{np.mean([d.hits for d in some]):.3f} in {name}" for name, some in arms.items())
    if gap is not None:
        low, high = 100 * gap.interval.low, 100 * gap.interval.high
        yield setting.row(
            "accuracy in bf16 - in fp32", 100 * gap.difference, "points", "its interval holds 0", low <= 0 <= high,
            note=f"[{low:.1f}, {high:.1f}], {gap.seeds} seeds; {reached}",
        )  # fmt: skip
    seconds = {name: sum(done.train_seconds for done in some) / len(some) for name, some in arms.items()}
    yield setting.row("speed in bf16 / in fp32", seconds["fp32"] / seconds["bf16"], "times",
                      note=f"{setting.arch}, {setting.parity_size} px, {setting.parity_steps} steps")  # fmt: skip
    assert model is not None
    found, features = {}, {}
    for name, types in (("bf16", half), ("fp32", full)):
        with patch.object(device, "HALF", types):
            found[name] = evaluated(model, Recipe(), images, 0)
            features[name] = embed(model, images.val)
    same = float((found["bf16"].predicted == found["fp32"].predicted).mean())
    loss = float(np.abs(found["bf16"].losses - found["fp32"].losses).mean())
    yield setting.row("one network evaluated in both, same answer", same, "of images", f">= {SAME_ANSWER}",
                      same >= SAME_ANSWER, note=f"losses differ by {loss:.4f} in the mean")  # fmt: skip
    cosine = float(cosine_similarity(features["bf16"], features["fp32"]).min())
    yield setting.row("features in both, lowest cosine", cosine, "", f">= {COSINE}", cosine >= COSINE)


def _trained(setting: Setting, model: nn.Module, images: Images, seed: int) -> Trained:
    recipe = Recipe()
    schedule = rates(recipe, setting.parity_steps)
    return train(model, recipe, images, schedule, setting.batch, seed, lambda step, loss: True)


def _images(setting: Setting) -> Images:
    items = labelled(setting)[: TRAIN + HELD]
    held = max(2, len(items) // 4)
    pixels = load([path for path, _ in items], setting.parity_size).to(setting.device)
    labels = torch.tensor([label for _, label in items], device=setting.device)
    return Images(pixels[held:], labels[held:], pixels[:held], labels[:held])
