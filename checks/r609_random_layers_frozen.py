"""Frozen layers that hold random values.

What it looks for: parameters that ask for no gradient, that nothing was loaded into, and that are the last layer or a
notable share of the network.

Why it matters: a frozen layer keeps what it has. Random values there are never learned: a random last layer leaves the
classes to chance, random features carry little of the picture.

Example: freezing everything whose name does not begin with "fc" in a network whose last layer is called classifier.

When it is wrong: random features that are meant, as in a study of them.

Fix: let these layers train, or load weights into them before they are frozen.

Source: counted by identity: what was loaded, what asks for a gradient.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, Severity

MOST = 0.05  # share of the parameters


def judge(evidence: Evidence) -> Iterator[Finding]:
    run = evidence.run
    still = run.trained.frozen_random
    if still is None:
        return
    if any("weights" in text for text in run.substitutes):
        raise NotExamined("published weights could not be downloaded, so what they would fill is unknown")
    if still.head or still.share > MOST:
        what = "the last layer" if still.head and still.layers <= 2 else f"{still.layers} layers"
        yield Finding(
            Severity.ERROR,
            summary=f"Frozen with random values ({still.share:.1%} of the parameters): {what}, "
            f"{', '.join(still.names[-1:] if still.head and still.layers <= 2 else still.names[:4])}.",
            fix="Let these layers train, or load weights into them before they are frozen.",
            measured={"layers": still.layers, "parameters": still.parameters, "share": still.share, "head": still.head},
            location=run.trained.location,
            confidence=Confidence.CERTAIN,
        )


CHECK = Check("R609", "random-layers-frozen", needs=("run.trained",), judge=judge)
