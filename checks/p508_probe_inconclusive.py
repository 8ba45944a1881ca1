"""The probes could not decide whether pretrained weights help.

What it looks for: a paired gap whose interval holds zero and reaches beyond two points, so that neither P501 nor P502
applies.

Why it matters: no claim without an interval; this names what would settle it.

Example: +3 points [-4, +10] from three seeds and 120 images.

Fix: a longer budget buys more seeds and steps; more validation images narrow the interval too.

Source: an interval's width falls with the square root of what it is measured on, hence the factor.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, NotExamined, Severity

NEGLIGIBLE = 0.02
MOST = 20  # beyond this a factor isn't useful advice


def judge(evidence: Evidence) -> Iterator[Finding]:
    compared = evidence.probes.comparison
    if compared is None:
        raise NotExamined("the probes gave no comparison")
    gap = compared.gap
    if gap.interval.excludes_zero or gap.interval.high < NEGLIGIBLE:
        return
    half = (gap.interval.high - gap.interval.low) / 2
    factor = min(MOST, (half / max(abs(gap.difference), NEGLIGIBLE)) ** 2)
    yield Finding(
        Severity.INFO,
        summary=f"Not decided: pretrained is {100 * gap.difference:+.1f} points from scratch "
        f"[{100 * gap.interval.low:+.1f}, {100 * gap.interval.high:+.1f}] "
        f"({gap.seeds} seeds, {gap.images} validation images).",
        fix=f"A --budget about {max(2, round(factor))} times as long would settle it; so would more validation images.",
        measured={
            "gap": gap.difference,
            "interval": [gap.interval.low, gap.interval.high],
            "seeds": gap.seeds,
            "images": gap.images,
        },
        confidence=gap.confidence,
    )


CHECK = Check("P508", "probe-inconclusive", needs=("probes", "probes.comparison"), judge=judge)
