"""The run as configured will not reach the accuracy that is wanted.

What it looks for: the upper end of the forecast accuracy against `target_accuracy`. An upper end is only given where
the probes ran every step that is configured; a longer run goes farther than a short one can show.

Why it matters: the run would cost its full price and still miss its target.

Example: two epochs of forty images for a target of 90%.

Fix: more epochs, pretrained weights, or more images; the waterfall and the learning curve say which brings most.

Source: the interval of the accuracy over seeds and validation images; accuracies are not extrapolated in steps.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, NotExamined, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    forecast = evidence.probes.forecast
    assert forecast is not None
    if forecast.target is None:
        raise NotExamined("the config does not say `target_accuracy`")
    if forecast.accuracy_low is None or forecast.accuracy_high is None:
        raise NotExamined(forecast.accuracy_why)
    if forecast.accuracy_high < forecast.target:
        yield Finding(
            Severity.WARNING,
            summary=f"The {forecast.steps} steps that are configured reach {forecast.accuracy_low:.0%} to "
            f"{forecast.accuracy_high:.0%}, short of the target of {forecast.target:.0%}.",
            fix="Train for more epochs; start from pretrained weights; the report says what more images would bring.",
            measured={
                "low": forecast.accuracy_low,
                "high": forecast.accuracy_high,
                "target": forecast.target,
                "steps": forecast.steps,
            },
            location=evidence.configuration.epochs.location if evidence.configuration else None,
        )


CHECK = Check("P507", "forecast-short-of-target", needs=("probes", "probes.forecast"), judge=judge)
