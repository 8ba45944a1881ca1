"""The logged training accuracy lies below that of validation.

What it looks for: over the last third of the log, a training accuracy below the validation's by two points and three
standard errors, of the curves and of counting on so many validation images.

Why it matters: mostly harmless: dropout and augmentation act in training alone, and the training figure is a mean over
the epoch. Where neither is there, validation images are easier or among the training images.

Example: 82% in training with RandAugment and dropout, 88% in validation.

Fix: measure the training images once without augmentation and dropout; look for images that are in both splits (D106).

Source: binomial counting noise; second differences (Gasser et al. 1986).
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean

from diagnose.model import ACCURACY, Check, Confidence, Evidence, Finding, Severity
from diagnose.model.course import counting, jitter, last_part, paired

THIRD = 1 / 3
GAP = 0.02  # of accuracy
FEWEST = 3  # evaluations in the last third


def judge(evidence: Evidence) -> Iterator[Finding]:
    for run in evidence.history.runs:
        train, held = run.train(ACCURACY), run.held(ACCURACY)
        if train is None or held is None:
            continue
        joined = paired(train, held)
        late = joined[len(joined) - round(THIRD * len(joined)) :]
        if len(late) < FEWEST:
            continue
        gaps = [validation - training for _, training, validation in late]
        gap, reached = fmean(gaps), fmean(value for *_, value in late)
        noise = jitter([point.value for point in last_part(held.finite, 0.5)]) or 0.0
        error = max(counting(reached, evidence.held_images(run)), noise / len(late) ** 0.5)
        if gap < max(GAP, 3 * error):
            continue
        augmented = evidence.configuration.train_augmentations.value if evidence.configuration else None
        plain = augmented == () and evidence.code is not None and evidence.code.batch_norm_or_dropout is False
        why = "; the program neither augments nor drops out" if plain else ""
        yield Finding(
            Severity.WARNING if plain else Severity.INFO,
            summary=f"{run.name}: training accuracy lies {100 * gap:.1f} points below validation's "
            f"({reached - gap:.1%} against {reached:.1%}){why}.",
            fix="Measure the training images once without augmentation and dropout; look for images in both splits.",
            measured={"gap": gap, "error": error, "validation": reached, "augmentations": augmented},
            files=(run.file,),
            confidence=Confidence.LIKELY,
            subject=run.name,
        )


CHECK = Check("L809", "training-below-validation", needs=("history",), judge=judge)
