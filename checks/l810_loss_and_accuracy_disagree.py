"""The logged loss and accuracy disagree.

What it looks for: a validation loss that has risen by a tenth and three standard errors since its lowest level while
validation accuracy rose beyond noise; and a training loss that fell by half while training accuracy stayed within a
point and below 90%.

Why it matters: in the first case the network grows too sure of its errors: its probabilities mean little, and a choice
by loss is another than one by accuracy. In the second the accuracy isn't of what is trained.

Example: validation loss 0.9 to 1.6 from epoch 20 to 90, accuracy 71% to 74%.

Fix: choose the checkpoint by what you need; label smoothing, weight decay or temperature scaling for probabilities;
check how the accuracy is counted.

Source: Guo et al., On Calibration of Modern Neural Networks, 2017, section 3.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import ACCURACY, LOSS, Check, Confidence, Evidence, Finding, LoggedRun, Severity
from diagnose.model.course import counting, level, smoothed_at, turn, width_of

RISEN = 0.1  # of the validation loss
HALVED, STILL, LOW = 0.5, 0.01, 0.9
FEWEST = 6  # values of each
GAINED = 0.02  # of accuracy


def judge(evidence: Evidence) -> Iterator[Finding]:
    for run in evidence.history.runs:
        found = _overconfident(evidence, run) or _not_of_it(run)
        if found is not None:
            yield found


def _overconfident(evidence: Evidence, run: LoggedRun) -> Finding | None:
    loss, accuracy = run.held(LOSS), run.held(ACCURACY)
    turned = turn(loss.finite) if loss else None
    if accuracy is None or turned is None or not turned.sure or turned.rise < RISEN * abs(turned.lowest):
        return None
    width = max(3, width_of(len(accuracy.finite)))
    before = smoothed_at(accuracy, turned.at, 3)
    if before is None or len(accuracy.finite) < FEWEST:
        return None
    after = level(accuracy.finite[-width:])
    noise = counting(before, evidence.held_images(run)) * (2 / width) ** 0.5
    if after - before <= max(GAINED, 2 * noise):
        return None
    return Finding(
        Severity.INFO,
        summary=f"{run.name}: since {run.at(turned.at)} the validation loss rose from {turned.lowest:.3g} to "
        f"{turned.last:.3g} while validation accuracy rose from {before:.1%} to {after:.1%}: it "
        "grows too sure of its errors.",
        fix="Choose the checkpoint by what you need; label smoothing, weight decay or temperature scaling make the "
        "probabilities right.",
        measured={"from": turned.at, "loss": [turned.lowest, turned.last], "accuracy": [before, after]},
        files=(run.file,),
        confidence=Confidence.LIKELY,
        subject=run.name,
    )


def _not_of_it(run: LoggedRun) -> Finding | None:
    loss, accuracy = run.train(LOSS), run.train(ACCURACY)
    if loss is None or accuracy is None or min(len(loss.finite), len(accuracy.finite)) < FEWEST or accuracy.guessed:
        return None
    values = [point.value for point in accuracy.finite]
    fell = loss.finite[0].value > 0 and loss.finite[-1].value < HALVED * loss.finite[0].value
    if not fell or max(values) - min(values) > STILL or max(values) > LOW:
        return None
    return Finding(
        Severity.WARNING,
        summary=f"{run.name}: the training loss falls from {loss.finite[0].value:.3g} to {loss.finite[-1].value:.3g} "
        f"while training accuracy stays at {values[-1]:.1%}.",
        fix="Check how the accuracy is counted: argmax over the right axis, labels in the same form, the same outputs.",
        measured={"loss": [loss.finite[0].value, loss.finite[-1].value], "accuracy": [values[0], values[-1]]},
        files=(run.file,),
        confidence=Confidence.LIKELY,
        subject=run.name,
    )


CHECK = Check("L810", "loss-and-accuracy-disagree", needs=("history",), judge=judge)
