"""An image whose header promises more pixels than the decoder is willing to open.

What it looks for: more than 178,956,970 pixels, twice Pillow's MAX_IMAGE_PIXELS, in the header. The pixels themselves
are not decoded.

Why it matters: Image.open raises DecompressionBombError there and the run stops; where the limit was lifted, one such
file takes gigabytes of each worker's memory.

Example: a map of 40,000 x 40,000 pixels, or a file made to do harm.

Fix: cut it into tiles, scale it down once, or remove it.

Source: Pillow's documentation of Image.MAX_IMAGE_PIXELS.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    files = evidence.data.faults.get("bomb")
    if files:
        are = "image promises" if files.count == 1 else "images promise"
        yield Finding(
            Severity.ERROR,
            summary=f"{files.count} {are} more pixels than the decoder agrees to open.",
            fix="Cut it into tiles, scale it down once, or remove it.",
            measured={"files": files.count, "reasons": list(files.details)},
            files=files.examples,
        )


CHECK = Check("D120", "decompression-bomb", needs=("data",), judge=judge)
