"""The log shows another end, or another pace, than the probes forecast for the configured run.

What it looks for: a logged run as long as the configured one (within a tenth): the level of its validation accuracy at
the end against the forecast's range, with three standard deviations of counting on so many images; and the usual time
of its epochs against the forecast's range, where they differ by half or more.

Why it matters: the forecast is made of the program as it is now, on this machine. Where an earlier run ended elsewhere,
one of them isn't of the same program, data or device, or the forecast doesn't hold for this run.

Example: forecast 71% to 78%, logged 52%: since that run, the validation images got their own preprocessing.

Fix: see what changed since the log was written; where nothing did, trust the log.

Source: both are measured; binomial counting noise.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from diagnose.model import ACCURACY, SECONDS, Check, Confidence, Evidence, Finding, LoggedRun, NotExamined, Severity
from diagnose.model.course import counting, level, width_of

LENGTH = 0.1  # of the configured epochs, by which a run is as long
PACE = 1.5  # times: another load of the machine explains less


def judge(evidence: Evidence) -> Iterator[Finding]:
    forecast, run = evidence.probes.forecast, evidence.logged
    assert forecast is not None
    if run.unit != "epoch" or abs(run.last - forecast.epochs) > LENGTH * forecast.epochs:
        raise NotExamined(f"the log ends at {run.at(run.last)}, the forecast is for {forecast.epochs} epochs")
    curve, low, high = run.held(ACCURACY), forecast.accuracy_low, forecast.accuracy_high
    if curve is not None and curve.finite and low is not None:
        came = level(curve.finite[-max(3, width_of(len(curve.finite))) :])
        noise = 3 * counting(came, evidence.held_images(run))
        if came < low - noise or (high is not None and came > high + noise):
            wanted = f"{low:.0%} to {high:.0%}" if high is not None else f"{low:.0%} or more"
            yield _finding(run, f"validation accuracy ends at {came:.1%}, the forecast is {wanted}", "accuracy", came)
    times = run.curve(SECONDS)
    if times is not None and times.finite:
        took = median(point.value for point in times.finite) * forecast.epochs
        least, most = forecast.seconds_range.low, forecast.seconds_range.high
        if took > PACE * most or took < least / PACE:
            text = (
                f"{forecast.epochs} epochs take {took / 60:,.0f} min, the forecast is {forecast.seconds / 60:,.0f} min"
            )
            yield _finding(run, text, "time", took)


def _finding(run: LoggedRun, text: str, what: str, came: float) -> Finding:
    return Finding(
        Severity.INFO,
        summary=f"{run.name}: {text}.",
        fix="See what changed in program, data or device since the log was written; where nothing did, trust the log.",
        measured={what: came},
        files=(run.file,),
        confidence=Confidence.LIKELY,
        subject=f"{run.name} {what}",
    )


CHECK = Check("L818", "log-misses-forecast", needs=("history", "probes", "probes.forecast"), judge=judge)
