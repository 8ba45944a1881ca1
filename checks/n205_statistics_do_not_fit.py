"""Normalisation that leaves the data far from mean 0 and deviation 1.

What it looks for: the measured mean and deviation of the whole dataset after the configured scaling and
normalisation, where the units agree (N204 covers those that do not).

Why it matters: inputs far off centre slow the first layers down and make saturated or dead units likely.

Example: the statistics of another dataset, copied along with its code.

Fix: use the measured statistics from scratch, or the weights' own with pretrained weights.

Source: LeCun et al. 1998, "Efficient backprop", 4.3. The limits are wide on purpose: ImageNet's statistics on the
dark, flat images of Fashion-MNIST (-0.9, 1.5) are common and work.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import SYMMETRIC_STEP, Check, Confidence, Evidence, Finding, NotExamined, Severity

FAR_MEAN = 2.0
SMALL_STD, LARGE_STD = 0.2, 5.0


def judge(evidence: Evidence) -> Iterator[Finding]:
    data, config = evidence.data, evidence.config
    steps, mean, std = config.scaling.get(), config.mean.get(), config.std.get()
    if evidence.saw_usual_input:
        return
    if config.preprocessing.known:
        raise NotExamined("the network's own preprocessing is used")
    if not mean or not std:
        raise NotExamined("the config does not normalise")
    if len(steps) > 1 or config.raw_pixels != config.statistics_in_raw_units or min(std) <= 0:
        raise NotExamined("the scaling itself is at fault")
    factor, shift = (255.0, 0.0) if not steps else (2.0, -1.0) if steps == (SYMMETRIC_STEP,) else (1.0, 0.0)
    fed_mean = [(factor * m + shift - c) / s for m, c, s in zip(data.mean, mean, std, strict=True)]
    fed_std = [factor * d / s for d, s in zip(data.std, std, strict=True)]
    off_centre = max(abs(value) for value in fed_mean) > FAR_MEAN
    if off_centre or min(fed_std) < SMALL_STD or max(fed_std) > LARGE_STD:
        yield Finding(
            Severity.WARNING,
            summary="After normalisation the data is far from mean 0 and deviation 1: mean "
            f"{_shown(fed_mean)}, deviation {_shown(fed_std)}.",
            fix=f"Measured on this data: mean {_shown(data.mean)}, std {_shown(data.std)} (of 0..1).",
            measured={"fed_mean": fed_mean, "fed_std": fed_std, "data_mean": data.mean, "data_std": data.std},
            location=config.mean.location,
            confidence=Confidence.LIKELY,
        )


def _shown(values: list[float] | tuple[float, ...]) -> str:
    return "[" + ", ".join(f"{value:.3g}" for value in values) + "]"


CHECK = Check(
    "N205",
    "statistics-do-not-fit",
    needs=("data", "config.scaling", "config.mean", "config.std"),
    judge=judge,
)
