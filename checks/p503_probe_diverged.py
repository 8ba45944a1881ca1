"""Training as configured diverges within a few dozen steps.

What it looks for: NaN, infinity, or a training loss that ends well above where it began, in the probe runs of the
configuration as written.

Why it matters: the long run starts with the same steps.

Example: SGD at a learning rate of 10.

Fix: lower the learning rate, add a warm-up, check the scaling of the input.

Source: the loss of random predictions is ln(classes); a run that ends at 1.5 times its first loss does worse than
guessing.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    runs = evidence.probes.of("configured")
    if not runs:
        raise NotExamined("no probe of the configuration was run")
    diverged = [run for run in runs if run.diverged]
    if not diverged:
        return
    tested = evidence.probes.learning_rate
    rate = tested.suggested if tested else None
    first, last = diverged[0].curve[0][1], diverged[0].curve[-1][1]
    yield Finding(
        Severity.ERROR,
        summary=f"{len(diverged)} of {len(runs)} probe runs of the configuration diverged "
        f"(loss {first:.3g}, then {last:.3g} after {len(diverged[0].curve)} steps).",
        fix=(f"Lower the learning rate to about {rate:.2g}" if rate else "Lower the learning rate")
        + "; check how the input is scaled.",
        measured={"diverged": len(diverged), "runs": len(runs), "first_loss": first, "last_loss": last},
        confidence=Confidence.SHOWN if len(diverged) == len(runs) >= 6 else Confidence.INDICATED,
    )


CHECK = Check("P503", "probe-diverged", needs=("probes",), judge=judge)
