"""The logged variants differ by less than the seeds of one of them do.

What it looks for: several runs of a folder whose paths differ in a seed alone ("seed_1", "seed=2"), which make one
variant, beside another variant. The best validation accuracies of the two best variants are compared with the standard
deviation between seeds: a gain of less than twice the standard error of the difference isn't shown.

Why it matters: a gain that another seed takes away isn't one of the change, and the next change is built upon it.

Example: 93.1% and 93.9% with mixup, 93.4% without: the seeds lie 0.6 points apart, the variants 0.1.

Fix: train both variants with the same three to five seeds, and compare the means with their spread.

Source: Bouthillier et al., Accounting for Variance in Machine Learning Benchmarks, 2021; Picard,
torch.manual_seed(3407) is all you need, 2021.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from statistics import fmean, variance

from diagnose.model import ACCURACY, Check, Confidence, Evidence, Finding, LoggedRun, NotExamined, Severity

SEED = re.compile(r"(?i)(?<![a-z])(?:random[_-]?)?seed[_=\-]?\d+(?!\d)")
ERRORS = 2.0  # standard errors: 95% of the differences that chance makes lie within them


def judge(evidence: Evidence) -> Iterator[Finding]:
    variants = _variants(evidence.history.runs)
    spreads = [(len(found) - 1, variance(found)) for found in variants.values() if len(found) > 1]
    if len(variants) < 2 or not spreads:
        raise NotExamined("the log holds no runs of several seeds beside another variant")
    deviation = math.sqrt(sum(n * one for n, one in spreads) / sum(n for n, _ in spreads))
    (best, first), (other, second) = sorted(variants.items(), key=lambda item: -fmean(item[1]))[:2]
    gain = fmean(first) - fmean(second)
    error = deviation * math.sqrt(1 / len(first) + 1 / len(second))
    if gain > ERRORS * error:
        return
    yield Finding(
        Severity.INFO,
        summary=f"{best} is {100 * gain:.2f} points above {other}, within what seeds differ by "
        f"({100 * deviation:.2f} points; {len(first)} and {len(second)} runs).",
        fix="Train both variants with the same three to five seeds, and compare the means with their spread.",
        measured={"gain": gain, "deviation": deviation, "error": error, "runs": [len(first), len(second)]},
        files=tuple(dict.fromkeys(run.file for run in evidence.history.runs)),
        confidence=Confidence.LIKELY,
        subject="variants",
    )


def _variants(runs: tuple[LoggedRun, ...]) -> dict[str, list[float]]:
    """The best validation accuracies of the runs by their name without the seed."""
    found: dict[str, list[float]] = {}
    for run in runs:
        curve = run.held(ACCURACY)
        if curve is not None and curve.finite:
            found.setdefault(SEED.sub("seed *", run.name), []).append(max(point.value for point in curve.finite))
    return found


CHECK = Check("L817", "gain-within-seeds", needs=("history",), judge=judge)
