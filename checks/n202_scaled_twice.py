"""Pixels scaled twice.

What it looks for: more than one scaling step in the configuration.

Why it matters: after a second division by 255 every image is black to within 0.004; normalisation then feeds the
network one constant.

Example: ToTensor (which divides by 255) followed by a division by 255.

Fix: keep the first step, drop the second.

Source: torchvision's ToTensor documentation: it scales to [0.0, 1.0] by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    steps = evidence.config.scaling.get()
    if len(steps) > 1 and not evidence.saw_usual_input:
        yield Finding(
            Severity.ERROR,
            summary=f"Pixels are scaled {len(steps)} times: {', then '.join(steps)}.",
            fix=f"Keep {steps[0]} and drop the rest.",
            measured={"scaling": list(steps)},
            location=evidence.config.scaling.location,
            changes=evidence.config.also_held_out(scaling=steps[:1]),
        )


CHECK = Check("N202", "scaled-twice", needs=("config.scaling",), judge=judge)
