"""An augmentation that turns one class into another, or into none.

What it looks for: flips where two class names differ in nothing but left and right (or up and down), and where the
classes are letters or digits by name ("b" and "d", "digit_6", or ten digits beside a name such as MNIST or SVHN).

Why it matters: a mirrored left arrow is a right arrow under the wrong label; a mirrored 2 isn't a digit. The network is
taught wrong labels for half of the images.

Example: RandomHorizontalFlip on road signs "turn_left" and "turn_right".

Fix: leave the flip out, or flip the label too.

Source: Cubuk et al. 2019 (AutoAugment), whose learned policies for SVHN avoid flips; torchvision's own MNIST examples
use none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity, swapped_by

DIGITS = {str(digit) for digit in range(10)}
DIGIT_SETS = re.compile(r"mnist|svhn|digit|handwrit", re.I)
LETTERS = 10  # classes that are single letters, to be taken for an alphabet


def judge(evidence: Evidence) -> Iterator[Finding]:
    used = evidence.config.train_augmentations
    flips = {swapped: name for name in reversed(used.get()) if (swapped := swapped_by(name))}
    for (one, other), flip in flips.items():
        pair = _mirrored(evidence.data.classes, one, other)
        if pair:
            harm = f"turns {pair[0]} into {pair[1]} and keeps the label"
        elif _characters(evidence):
            harm = "makes letters or digits that do not exist, or others than the label says"
        else:
            continue
        yield Finding(
            Severity.ERROR if pair else Severity.WARNING,
            summary=f"{flip} {harm}.",
            fix=f"Leave {flip} out, or change the label along with the picture.",
            measured={"augmentation": flip, "classes": list(pair or evidence.data.classes[:10])},
            location=used.location,
            changes={"train_augmentations": tuple(name for name in used.get() if name != flip)},
            subject=flip,
        )


def _mirrored(classes: tuple[str, ...], one: str, other: str) -> tuple[str, str] | None:
    """Two classes whose names differ in nothing but the words."""
    word = re.compile(rf"(?<![a-z]){one}(?![a-z])", re.I)
    names = {name.lower(): name for name in classes}
    for name in classes:
        swapped = word.sub(other, name).lower()
        if swapped != name.lower() and swapped in names:
            return name, names[swapped]
    return None


def _characters(evidence: Evidence) -> bool:
    classes = evidence.data.classes
    letters = sum(len(name) == 1 and name.isalpha() for name in classes)
    if letters >= LETTERS:
        return True
    digits = {name.lower().removeprefix("digit").strip("_- ") for name in classes}
    if digits != DIGITS:
        return False  # classes that are merely numbered may be anything
    names = f"{evidence.data.root} {evidence.config.name.value or ''} {' '.join(classes)}"
    return DIGIT_SETS.search(names) is not None and "fashion" not in names.lower()


CHECK = Check("N211", "label-destroying-augmentation", needs=("data", "config.train_augmentations"), judge=judge)
