"""Images at least three times as long as wide, or as wide as long.

What it looks for: the sides in the files' headers.

Why it matters: a centre crop keeps less than a third of such a picture, and a plain resize to a square squeezes it
beyond recognition.

Example: banners and panoramas among photographs; a scan of a whole page margin.

Fix: crop them by hand, pad them to a square, or leave them out.

Source: the limits are ours; cleanvision's odd_aspect_ratio begins at 2.9. Of drawings of things, 4% are so by nature,
and with less than a tenth this is only worth knowing.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity

WARN_SHARE = 0.1


def judge(evidence: Evidence) -> Iterator[Finding]:
    data, files = evidence.data, evidence.data.long
    if files.count:
        share = files.count / data.images
        yield Finding(
            Severity.WARNING if share >= WARN_SHARE else Severity.INFO,
            summary=f"{files.count} images ({share:.1%}) are three times as long as wide or more.",
            fix="Crop or pad them to their subject, or leave them out.",
            measured={"images": files.count, "share": share, "sizes": list(files.details)},
            files=files.examples,
        )


CHECK = Check("D113", "extreme-aspect-ratio", needs=("data",), judge=judge)
