"""The log shows another number of epochs or learning rate than the configuration says.

What it looks for: the epochs that the log announces against `epochs`, and the largest logged learning rate against
`learning_rate`, where they differ by a tenth or more. A log that is shorter than the configured run isn't one of them.

Why it matters: either the log is of another version of the program, and says nothing of this one, or a setting doesn't
reach the training.

Example: learning_rate: 0.1 in the configuration, 0.001 in every row of the log.

Fix: find the place where the setting is lost, or give the log of this configuration.

Source: reading both.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import RATE, Check, Confidence, Evidence, Finding, Severity

DIFFERENT = 0.1  # of the value


def judge(evidence: Evidence) -> Iterator[Finding]:
    run, config = evidence.logged, evidence.config
    rate = run.curve(RATE)
    logged = max((p.value for p in rate.finite), default=None) if rate else run.settings.get("learning rate")
    for name, setting, seen in (
        ("epochs", config.epochs, run.planned),
        ("learning rate", config.learning_rate, logged),
    ):
        if not setting.known or not setting.value or not seen:
            continue
        if abs(seen - setting.value) <= DIFFERENT * abs(setting.value):
            continue
        yield Finding(
            Severity.INFO,
            summary=f"{run.name}: the log shows {seen:g} for the {name}, the configuration says {setting.value:g}.",
            fix="Find the place where the setting is lost, or give the log of this configuration.",
            measured={"log": seen, "configuration": setting.value},
            files=(run.file,),
            location=setting.location,
            confidence=Confidence.LIKELY,
            subject=name,
        )


CHECK = Check("L814", "log-contradicts-configuration", needs=("history", "config"), judge=judge)
