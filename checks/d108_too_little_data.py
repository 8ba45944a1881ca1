"""Too few images for what the model has to learn from them.

What it looks for: the median number of training images per class, judged by where training starts: random
weights must learn to see first, pretrained ones only have to separate the classes. Where the
configuration does not say, the milder limit counts.

Where probes measured a learning curve and the configuration names a target, the finding says how many images that
takes.

Why it matters: below these numbers the full training run ends far behind what the same images allow.

Example: ResNet50 with `weights: none` on 100 images per class.

Fix: start from pretrained weights; collect more images; augment.

Source: google-research/task_adaptation results.csv, ResNet50 from scratch against ImageNet weights on full
sets: 100 images per class or fewer (Pets, DTD, Flowers, Caltech101) end 38 to 68 points behind, 500
(CIFAR-100) 19 behind, 1,900 (EuroSAT) 2.6 behind. With ImageNet weights 1,000 images in all serve 102 classes
(about 10 each: 88 to 91%), while 2.5 per class (Sun397) reach 34%. Under a tuned recipe scratch needs less
(Pets about 81), so the warning names the recipe's part in it. Learning curves: a two-parameter power law through the
errors on nested subsets, with intervals of 80%.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from diagnose.model import Check, Confidence, Evidence, Finding, LearningCurve, Severity

SCRATCH_ERROR, SCRATCH_WARNING = 100, 500
PRETRAINED_WARNING = 10


def judge(evidence: Evidence) -> Iterator[Finding]:
    counts = [count for count in evidence.data.per_class.values() if count]
    if not counts:
        return
    typical = int(median(counts))
    config = evidence.configuration
    scratch = config is not None and config.weights.known and config.from_scratch
    limit = SCRATCH_WARNING if scratch else PRETRAINED_WARNING
    if typical < limit:
        start = "random" if scratch else "pretrained"
        yield Finding(
            Severity.ERROR if scratch and typical < SCRATCH_ERROR else Severity.WARNING,
            summary=f"{typical} training images per class are too few, even for {start} weights." + _enough(evidence)
            if not scratch
            else f"{typical} training images per class are too few to train from random weights." + _enough(evidence),
            fix="Start from pretrained weights, which need about a tenth of the images."
            if scratch
            else f"Collect at least {PRETRAINED_WARNING} images per class, and augment strongly meanwhile.",
            measured={
                "images_per_class": typical,
                "smallest_class": min(counts),
                "images": sum(counts),
                "starts_from": start if scratch or (config is not None and config.weights.known) else "unknown",
                "limit": limit,
            },
            confidence=Confidence.LIKELY,
        )


def _enough(evidence: Evidence) -> str:
    """How many images the target takes, from each start that was measured."""
    curves = evidence.measured.curves if evidence.measured else ()
    needs = [_needs(curve) for curve in curves if curve.target is not None]
    return f" To reach {curves[0].target:.0%} takes {'; '.join(needs)}." if needs else ""


def _needs(curve: LearningCurve) -> str:
    start = "with pretrained weights" if curve.start == "pretrained" else "from scratch"
    if curve.needed is None or curve.needed_interval is None:
        return f"{start} an unknown number"
    low, high = curve.needed_interval.low, curve.needed_interval.high
    return f"{start} about {curve.needed:,.0f} a class [{low:,.0f}, {high:,.0f}]"


CHECK = Check("D108", "too-little-data", needs=("data",), judge=judge)
