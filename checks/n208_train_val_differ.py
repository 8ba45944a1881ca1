"""Training and validation images prepared in different ways.

What it looks for: scaling, mean or standard deviation that differ between the two, and input sizes more than half
apart. Random augmentation of the training images alone is right, and so is a somewhat larger validation size.

Why it matters: the network is measured on inputs unlike those it learned from: validation accuracy stays near chance
while training goes well, and looks like overfitting.

Example: ImageDataGenerator(rescale=1/255) for training and ImageDataGenerator() for validation.

Fix: the same deterministic steps on both sides.

Source: torchvision's references use one normalisation for both presets; Touvron et al. 2019 on sizes that differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose
from typing import Any

from diagnose.model import Check, Config, Evidence, Finding, NotExamined, Setting, Severity

FAR_SIZE = 1.5


def judge(evidence: Evidence) -> Iterator[Finding]:
    config = evidence.config
    pairs = [(name, getattr(config, name), getattr(config, f"val_{name}")) for name in ("scaling", "mean", "std")]
    known = [(name, train, val) for name, train, val in pairs if train.known and val.known]
    if not known:
        raise NotExamined("how both sides are prepared is not known")
    differing = [item for item in known if not _alike(item[1].value, item[2].value)]
    if differing and not evidence.saw_splits_alike:
        name, train, val = differing[0]
        yield Finding(
            Severity.ERROR,
            summary=f"Validation images are prepared otherwise than training images: {name} {_shown(val)} against "
            f"{_shown(train)}.",
            fix="Prepare both alike; only random augmentation belongs to training alone.",
            measured={n: {"train": t.value, "held_out": v.value} for n, t, v in differing},
            location=val.location,
            changes={f"val_{n}": t.value for n, t, _ in differing},
            rewrites=("normalise",),
        )
    elif _far(config):
        yield Finding(
            Severity.WARNING,
            summary=f"Training images have {config.input_size.value} pixels, validation images "
            f"{config.val_input_size.value}.",
            fix="Use one size, or a validation size at most a quarter larger.",
            measured={"train": config.input_size.value, "held_out": config.val_input_size.value},
            location=config.val_input_size.location,
        )


def _alike(one: Any, other: Any) -> bool:
    if len(one) != len(other):
        return False
    return all(isclose(a, b, abs_tol=0.01 * max(1.0, abs(a))) if isinstance(a, float) else a == b
               for a, b in zip(one, other, strict=True))  # fmt: skip


def _shown(setting: Setting[Any]) -> str:
    return "none" if not setting.value else "[" + ", ".join(str(v) for v in setting.value) + "]"


def _far(config: Config) -> bool:
    one, other = config.input_size.value, config.val_input_size.value
    return bool(one and other and max(one, other) > FAR_SIZE * min(one, other))


CHECK = Check("N208", "train-val-differ", needs=("config",), judge=judge)
