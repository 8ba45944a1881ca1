"""Images whose end is missing.

What it looks for: files whose pixels stop before the picture ends, and JPEGs without their end marker.

Why it matters: Pillow raises on most of them in the middle of an epoch; the others are half grey.

Example: a download that broke off, a disk that was full.

Fix: fetch the file again or remove it.

Source: a full decode of every file; PIL's verify() finds none of the cut JPEGs (measured on files cut at
10 to 99%).
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    files = evidence.data.faults.get("truncated")
    if files:
        yield Finding(
            Severity.ERROR,
            summary=f"{files.count} of {evidence.data.files} images are cut off before their end.",
            fix="Fetch the files again, or remove them.",
            measured={"files": files.count, "reasons": list(files.details)},
            files=files.examples,
        )


CHECK = Check("D102", "truncated-image", needs=("data",), judge=judge)
