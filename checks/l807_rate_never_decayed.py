"""The logged learning rate never fell, and the run ended on a plateau.

What it looks for: a learning rate that is constant over the last nine tenths of ten epochs or more, and a training loss
that over the last half moved by less than three standard errors and 5% while training accuracy is below 95%.

Why it matters: at a constant rate the noise of single batches keeps the loss up; the last, small rates bring a good
part of the accuracy.

Example: SGD at 0.1 for 90 epochs.

Fix: a cosine schedule over the run, or a tenth of the rate at half and three quarters of it.

Source: He et al. 2016 and Goyal et al. 2017, whose curves fall at each division of the rate.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import ACCURACY, LOSS, RATE, Check, Confidence, Evidence, Finding, Severity
from diagnose.model.course import last_part, level, slope

FEWEST = 10  # values of the rate
SAME = 1.01  # between the largest and the smallest rate
FLAT = 0.05  # of the loss over the last half
FITTED = 0.95  # training accuracy, above which the loss can't fall much


def judge(evidence: Evidence) -> Iterator[Finding]:
    for run in evidence.history.runs:
        rate, loss, accuracy = run.curve(RATE), run.train(LOSS), run.train(ACCURACY)
        if rate is None or loss is None or len(rate.finite) < FEWEST or len(loss.finite) < FEWEST:
            continue
        rates = [point.value for point in last_part(rate.finite, 0.9)]
        if min(rates) <= 0 or max(rates) / min(rates) > SAME:
            continue
        if accuracy is not None and accuracy.finite and level(last_part(accuracy.finite, 0.2)) > FITTED:
            continue
        late = last_part(loss.finite, 0.5)
        moved = slope(late)
        if moved is None or abs(moved[0]) > max(3 * moved[1], FLAT * level(late)) or level(late) <= 0.1:
            continue
        setting = evidence.configuration.schedule if evidence.configuration else None
        yield Finding(
            Severity.INFO,
            summary=f"{run.name}: the learning rate stays at {rates[-1]:.3g} to the end, and the training loss is "
            f"flat at {level(late):.3g} since {run.at(late[0].x)}.",
            fix="Add a schedule: cosine over the run, or a tenth of the rate at half and three quarters of it.",
            measured={"rate": rates[-1], "loss": level(late), "since": late[0].x},
            files=(run.file,),
            location=setting.location if setting else None,
            confidence=Confidence.LIKELY,
            subject=run.name,
        )


CHECK = Check("L807", "rate-never-decayed", needs=("history",), judge=judge)
