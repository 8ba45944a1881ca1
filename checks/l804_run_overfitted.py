"""The logged run overfitted: from some epoch on, validation got worse while training got better.

What it looks for: a validation loss that has risen by 8% above its lowest level, by more than three standard errors of
the curve's own noise, while the training loss fell by a tenth or more; else an accuracy that has fallen by three points
and three standard errors meanwhile. Levels are medians of several evaluations, so that a lucky one is no level. A
warning for a loss from a fifth on, unless validation accuracy rose by two points and more than noise since.

Why it matters: every epoch after that one made the model worse, and the last checkpoint isn't the best one.

Example: 500 images, 80 epochs without augmentation: the validation loss turns at epoch 9.

Fix: keep the best checkpoint and stop early; more images, stronger augmentation, more weight decay.

Source: Prechelt, Early Stopping - But When?, 1998; noise from second differences (Gasser et al. 1986).

When it is wrong: a validation set of a few dozen images, whose loss one confident error can move.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import ACCURACY, LOSS, Check, Confidence, Evidence, Finding, LoggedRun, Point, Severity
from diagnose.model.course import counting, last_part, level, smoothed_at, turn, width_of

RISEN, CLEARLY = 0.08, 0.2  # of the lowest validation loss; what early stopping saves is small below
FALLEN = 0.03  # of accuracy, where no validation loss rose
LEARNED = 0.1  # of the training loss, that it fell since
GAINED = 0.02  # of accuracy: a rise by less doesn't outweigh such a loss


def judge(evidence: Evidence) -> Iterator[Finding]:
    for run in evidence.history.runs:
        found = _by_loss(evidence, run) or _by_accuracy(run)
        if found is not None:
            yield found


def _by_loss(evidence: Evidence, run: LoggedRun) -> Finding | None:
    held, train = run.held(LOSS), run.train(LOSS)
    turned = turn(held.finite) if held else None
    if held is None or train is None or turned is None or not turned.sure or turned.lowest <= 0:
        return None
    then, now = smoothed_at(train, turned.at, 3), level(last_part(train.finite, 0.1))
    if turned.rise < RISEN * turned.lowest or then is None or now > (1 - LEARNED) * then:
        return None
    mild = turned.rise < CLEARLY * turned.lowest or (_gained(evidence, run, turned.at) or 0.0) > 0
    return _finding(
        run,
        Severity.INFO if mild else Severity.WARNING,
        f"{run.name}: it overfits from {run.at(turned.at)} on: since then the validation loss rose from "
        f"{turned.lowest:.3g} to {turned.last:.3g} (by {turned.rise:.2g} ± {2 * turned.error:.1g}) while the training "
        f"loss fell from {then:.3g} to {now:.3g}.",
        {"from": turned.at, "unit": run.unit, "lowest": turned.lowest, "last": turned.last, "error": turned.error},
    )


def _gained(evidence: Evidence, run: LoggedRun, since: float) -> float | None:
    """By how much validation accuracy rose since, beyond noise; 0 for within it, None without the accuracy."""
    curve = run.held(ACCURACY)
    before = smoothed_at(curve, since, 3) if curve else None
    if curve is None or before is None:
        return None
    width = max(3, width_of(len(curve.finite)))
    noise = counting(before, evidence.held_images(run)) * (2 / width) ** 0.5
    gain = level(curve.finite[-width:]) - before
    return gain if gain > max(GAINED, 2 * noise) else 0.0


def _by_accuracy(run: LoggedRun) -> Finding | None:
    held, train = run.held(ACCURACY), run.train(LOSS) or run.train(ACCURACY)
    if held is None or train is None:
        return None
    turned = turn([Point(point.x, 1 - point.value) for point in held.finite])
    then = smoothed_at(train, turned.at, 3) if turned else None
    if turned is None or then is None or not turned.sure or turned.rise < FALLEN:
        return None
    now = level(last_part(train.finite, 0.1))
    better = now < then if train.metric == LOSS else now > then
    if not better:
        return None
    return _finding(
        run,
        Severity.WARNING,
        f"{run.name}: it overfits from {run.at(turned.at)} on: since then validation accuracy fell from "
        f"{1 - turned.lowest:.1%} to {1 - turned.last:.1%} (by {100 * turned.rise:.1f} ± {200 * turned.error:.1f} "
        "points).",
        {
            "from": turned.at,
            "unit": run.unit,
            "best": 1 - turned.lowest,
            "last": 1 - turned.last,
            "error": turned.error,
        },
    )


def _finding(run: LoggedRun, severity: Severity, summary: str, measured: dict[str, object]) -> Finding:
    return Finding(
        severity,
        summary=summary,
        fix="Keep the best checkpoint and stop early; more images, stronger augmentation, more weight decay.",
        measured=measured,
        files=(run.file,),
        confidence=Confidence.LIKELY,
        subject=run.name,
    )


CHECK = Check("L804", "run-overfitted", needs=("history",), judge=judge)
