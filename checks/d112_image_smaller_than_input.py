"""Images with fewer pixels than the network is fed.

What it looks for: the share of images whose shorter side is below half of the configured input size. Enlarging by less
than two is what every random crop does.

Why it matters: enlarged pixels hold no detail, yet each is computed on; and where only some images are enlarged, the
network sees which by their blur.

Example: thumbnails of 100 px among photographs, all resized to 224.

Fix: a smaller input size where all are small; the originals, or leaving them out, where some are.

Source: Touvron et al. 2019, "Fixing the train-test resolution discrepancy", for how much apparent size matters; the
limits are ours.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity

ENLARGED = 2
FEW, MOST = 0.01, 0.5


def judge(evidence: Evidence) -> Iterator[Finding]:
    data, size = evidence.data, evidence.config.input_size
    share = data.smaller_than(-(-size.get() // ENLARGED))
    if share < FEW:
        return
    if share > MOST:
        summary = f"{share:.0%} of the images are enlarged more than twice to the input of {size.get()} px."
        fix = f"Feed {max(32, data.height.median)} px, or measure what the larger input gains: it costs by the square."
    else:
        summary = f"{share:.0%} of the images, but not the rest, are enlarged more than twice to {size.get()} px."
        fix = "Get the originals of the small ones, or leave them out; look at whether they are of a few classes."
    yield Finding(
        Severity.INFO,
        summary=summary,
        fix=fix,
        measured={"share": share, "input_size": size.get(), "smallest": data.shorter_side[0]},
        location=size.location,
    )


CHECK = Check("D112", "image-smaller-than-input", needs=("data", "config.input_size"), judge=judge)
