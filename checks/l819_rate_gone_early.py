"""The logged learning rate is as good as zero for most of the run.

What it looks for: a learning rate that stays below a two-hundredth of its highest for the last 40% of the epochs or
more, while neither validation accuracy nor loss moved by more than their noise.

Why it matters: the weights stood still; the epochs since then were paid for nothing, and the network may have stopped
far from what it could learn.

Example: ExponentialLR(gamma=0.75) over 40 epochs, whose rate is a thousandth after 24.

Fix: let the rate last as long as the run: a cosine over all epochs, or a gamma of 0.01 ** (1 / epochs).

When it is wrong: a rate that was lowered because nothing moved any more.

Source: He et al. 2016, whose three divisions by 10 come at half and three quarters of the run; the logged rate itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import ACCURACY, LOSS, RATE, Check, Confidence, Evidence, Finding, Severity
from diagnose.model.course import jitter, slope
from diagnose.model.run import GONE

REST = 0.4  # of the run
FEWEST = 8  # evaluations after it was gone
FLAT = 0.01  # of accuracy, or of the loss


def judge(evidence: Evidence) -> Iterator[Finding]:
    for run in evidence.history.runs:
        rate, curve = run.curve(RATE), run.held(ACCURACY) or run.held(LOSS)
        if rate is None or curve is None or len(rate.finite) < FEWEST:
            continue
        highest = max(point.value for point in rate.finite)
        since = max((point.x for point in rate.finite if point.value >= GONE * highest), default=0.0)
        after = [point for point in curve.finite if point.x > since]
        if highest <= 0 or len(after) < FEWEST or since > (1 - REST) * run.last:
            continue
        moved = slope(after, jitter([point.value for point in after]) or 0.0)
        scale = 1.0 if curve.metric == ACCURACY else abs(after[0].value)
        if moved is None or abs(moved[0]) > max(FLAT * scale, 3 * moved[1]):
            continue
        setting = evidence.configuration.schedule if evidence.configuration else None
        yield Finding(
            Severity.INFO,
            summary=f"{run.name}: the learning rate is below {GONE:.1%} of its highest since {run.at(since)} of "
            f"{run.last:.0f}, and validation {curve.metric} stands still since.",
            fix="Let the rate last as long as the run: a cosine over all its epochs, or a slower decay.",
            measured={"since": since, "last": run.last, "highest": highest},
            files=(run.file,),
            location=setting.location if setting else None,
            confidence=Confidence.LIKELY,
            subject=run.name,
        )


CHECK = Check("L819", "rate-gone-early", needs=("history",), judge=judge)
