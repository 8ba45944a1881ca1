"""Mean and standard deviation swapped, or an impossible deviation.

What it looks for: a deviation of zero or less; and a mean that fits the deviation of the data, or of ImageNet,
while the deviation fits its mean.

Why it matters: a division by zero is NaN at the first step; swapped values feed inputs off centre.

Example: `mean: [0.229, 0.224, 0.225]` and `std: [0.485, 0.456, 0.406]`.

Fix: swap them, or write the measured deviation.

Source: torchvision.transforms.Normalize raises for a zero only, and never for a swap.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diagnose.model import IMAGENET_MEAN, IMAGENET_STD, Check, Confidence, Evidence, Finding, NotExamined, Severity

CLOSE = 0.02  # of 0..1; ImageNet's own mean and deviation are ten times as far apart


def judge(evidence: Evidence) -> Iterator[Finding]:
    config = evidence.config
    mean, std = config.mean.get(), config.std.get()
    if not mean or not std:
        return
    if min(std) <= 0:
        yield Finding(
            Severity.ERROR,
            summary=f"A standard deviation of {min(std):g} cannot be divided by.",
            fix="Write the measured deviation of each channel.",
            measured={"std": list(std)},
            location=config.std.location,
        )
        return
    if len(mean) != len(std):
        raise NotExamined(f"mean has {len(mean)} values and std {len(std)}")
    unit = 255.0 if config.statistics_in_raw_units else 1.0
    truths: list[tuple[tuple[float, ...], tuple[float, ...]]] = [(IMAGENET_MEAN, IMAGENET_STD)]
    if evidence.dataset is not None:
        truths.append((evidence.dataset.mean, evidence.dataset.std))
    for true_mean, true_std in truths:
        if len(true_mean) != len(mean):
            continue  # one value for all channels
        swapped = _apart(mean, true_std, unit) < CLOSE and _apart(std, true_mean, unit) < CLOSE
        if swapped and _apart(true_mean, true_std, 1.0) > 2 * CLOSE:
            yield Finding(
                Severity.ERROR,
                summary=f"Mean {list(mean)} and std {list(std)} look swapped.",
                fix=f"Write mean {list(std)} and std {list(mean)}.",
                measured={"mean": list(mean), "std": list(std)},
                location=config.mean.location,
                changes=config.also_held_out(mean=std, std=mean),
                confidence=Confidence.LIKELY,
            )
            return


def _apart(written: Sequence[float], true: Sequence[float], unit: float) -> float:
    return max(abs(w / unit - t) for w, t in zip(written, true, strict=True))


CHECK = Check("N206", "mean-std-swapped", needs=("config.mean", "config.std"), judge=judge)
