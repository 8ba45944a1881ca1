"""Files that are named like images but aren't images.

What it looks for: empty files, and content that no image format begins with, under an image's ending.

Why it matters: ImageFolder goes by the ending, so the loader meets the file and raises.

Example: an HTML error page saved as cat.jpg; a file of zero bytes.

Fix: remove the file, or give it its true ending.

Source: torchvision.datasets.folder.IMG_EXTENSIONS decides what a loader opens.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    files = evidence.data.faults.get("not-an-image")
    if files:
        yield Finding(
            Severity.ERROR,
            summary=f"{files.count} of {evidence.data.files} files named like images are none.",
            fix="Remove the files, or give them their true ending.",
            measured={"files": files.count, "reasons": list(files.details)},
            files=files.examples,
        )


CHECK = Check("D103", "not-an-image", needs=("data",), judge=judge)
