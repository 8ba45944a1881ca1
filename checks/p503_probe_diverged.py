"""Training as configured diverges within a few dozen steps.

What it looks for: NaN, infinity, or a training loss that ends at ten times its first value or more, in most of the
probe runs of the configuration as written. One run of several proves nothing, and neither does a smaller rise.

Why it matters: the full training run starts with the same steps.

Example: SGD at a learning rate of 10.

Fix: lower the learning rate, add a warm-up, check the scaling of the input.

Source: a cross-entropy of ten times ln(classes) is far beyond any guess. Smaller factors would flag healthy runs: from
random weights ResNet50 doubles or trebles its loss in the first dozen steps at rates that train well
(measured on this package's own sample and on Fashion-MNIST).
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    runs = evidence.probes.of("configured")
    if not runs:
        raise NotExamined("no probe of the configuration was run")
    diverged = [run for run in runs if run.diverged]
    if len(diverged) <= len(runs) / 2:
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
