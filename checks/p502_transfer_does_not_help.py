"""Pretrained weights do not help on this data.

What it looks for: the paired gap of pretrained over scratch, where its interval lies below two points.
Early epochs favour pretrained weights, so a short probe that finds no gap makes a later one unlikely.

Why it matters: images far from photographs may gain nothing from ImageNet's features; then the architecture and the
input size are free to choose.

Example: spectrograms, medical stains, simulated signals.

Fix: look for weights from a nearer domain, or train from scratch with an architecture that suits the images.

Source: Raghu et al. 2019, "Transfusion": small gains on medical images. Two points is about what 1,000 validation
images can resolve.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, NotExamined, Severity

NEGLIGIBLE = 0.02


def judge(evidence: Evidence) -> Iterator[Finding]:
    compared = evidence.probes.comparison
    if compared is None:
        raise NotExamined("the probes gave no comparison")
    gap = compared.gap
    if gap.interval.high < NEGLIGIBLE:
        harmful = gap.interval.high < 0
        yield Finding(
            Severity.WARNING if harmful else Severity.INFO,
            summary=f"Pretrained weights {'are behind' if harmful else 'gain nothing over'} scratch here: "
            f"{100 * gap.difference:+.1f} points [{100 * gap.interval.low:+.1f}, {100 * gap.interval.high:+.1f}].",
            fix="Look for weights from a nearer domain, or choose the architecture freely.",
            measured={
                "gap": gap.difference,
                "interval": [gap.interval.low, gap.interval.high],
                "seeds": gap.seeds,
                "images": gap.images,
            },
            confidence=gap.confidence,
        )


CHECK = Check("P502", "transfer-does-not-help", needs=("probes", "probes.comparison"), judge=judge)
