"""The logged training accuracy lies below that of validation.

What it looks for: over the whole log but its first tenth, a training accuracy below the validation's at two thirds of
the evaluations, in the middle by two points and three standard errors of the curves and of counting on so many
validation images. Without a training accuracy, a training loss above the validation's by a tenth instead, where both
begin on the same scale.

Why it matters: mostly harmless: dropout and augmentation act in training alone, and the training figure is a mean over
the epoch. Where neither is there, validation images are easier or among the training images.

Example: 82% in training with RandAugment and dropout, 88% in validation.

Fix: measure the training images once without augmentation and dropout; look for images that are in both splits (D106).

Source: binomial counting noise; second differences (Gasser et al. 1986).
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean, median

from diagnose.model import ACCURACY, LOSS, Check, Confidence, Evidence, Finding, LoggedRun, Severity
from diagnose.model.course import counting, jitter, last_part, paired

FIRST = 0.1  # of the log, which says more of the mean over the first epochs than of the network
MOST = 2 / 3  # of the evaluations
GAP = 0.02  # of accuracy
ABOVE = 1.1  # times the validation loss: less is the mean over an epoch in which the loss still falls
SCALE = 1.5  # times between the first values, of losses that are the same quantity
FEWEST = 4  # evaluations


def judge(evidence: Evidence) -> Iterator[Finding]:
    for run in evidence.history.runs:
        train, held = run.train(ACCURACY), run.held(ACCURACY)
        if train is None:
            yield from _by_loss(run)
        if train is None or held is None:
            continue
        joined = paired(train, held)
        late = joined[round(FIRST * len(joined)) :]
        gaps = [validation - training for _, training, validation in late]
        if len(late) < FEWEST or sum(gap > 0 for gap in gaps) < MOST * len(gaps):
            continue
        gap, reached = median(gaps), fmean(value for *_, value in late)
        noises = (jitter([point.value for point in part]) for part in (last_part(held.finite, 0.5), held.finite))
        noise = next((one for one in noises if one is not None), 0.0)
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


def _by_loss(run: LoggedRun) -> Iterator[Finding]:
    """The same of the losses, where the log has no training accuracy."""
    train, held = run.train(LOSS), run.held(LOSS)
    joined = paired(train, held) if train and held and len(train.finite) >= FEWEST else []
    late = joined[round(FIRST * len(joined)) :]
    if len(late) < FEWEST or min(validation for *_, validation in joined) <= 0:
        return
    ratios = [training / validation for _, training, validation in late]
    if not 1 / SCALE <= joined[0][1] / joined[0][2] <= SCALE or sum(one > 1 for one in ratios) < MOST * len(ratios):
        return
    if median(ratios) >= ABOVE:
        yield Finding(
            Severity.INFO,
            summary=f"{run.name}: the training loss is {median(ratios):.1f} times the validation's for most of the log "
            f"({late[-1][1]:.3g} against {late[-1][2]:.3g} at the end).",
            fix="Measure the training images once without augmentation and dropout: mixup, label smoothing and the "
            "mean over the epoch raise the training loss.",
            measured={"ratio": median(ratios), "training": late[-1][1], "validation": late[-1][2]},
            files=(run.file,),
            confidence=Confidence.LIKELY,
            subject=run.name,
        )


CHECK = Check("L809", "training-below-validation", needs=("history",), judge=judge)
