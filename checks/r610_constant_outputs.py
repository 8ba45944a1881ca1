"""A network that answers the same for every image.

What it looks for: outputs that are equal, to the last digit, for all images of each batch.

Why it matters: nothing of the picture reaches the loss, so nothing can be learned from it.

Example: softmax over a single output; a ReLU after the last layer whose units are all negative; a forward that returns
a stored tensor.

Fix: follow the image through forward: where does it become constant?

Source: counted, over at least two batches.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    network = evidence.run.trained
    if network.constant:
        one = " Softmax over one output is always 1." if network.outputs == 1 else ""
        yield Finding(
            Severity.ERROR,
            summary=f"The network gives the same outputs for every image of a batch.{one}",
            fix="Use sigmoid for one output."
            if one
            else "Follow the image through forward to where it becomes constant.",
            measured={"outputs": network.outputs},
            location=evidence.run.training.location,
            confidence=Confidence.CERTAIN,
        )


CHECK = Check("R610", "constant-outputs", needs=("run.trained", "run.training"), judge=judge)
