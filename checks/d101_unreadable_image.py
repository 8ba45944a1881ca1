"""Images that cannot be read or decoded.

What it looks for: files with an image's ending that the decoder refuses, or that may not be opened.

Why it matters: a data loader raises at the first of them, which may be hours into the run; a loader that
skips them trains on another set than you think.

Example: a PNG with a broken chunk; a JPEG without read permission.

Fix: restore the file from its source or remove it.

Source: torchvision.datasets.folder.pil_loader lets the decoder's exception through.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    files = evidence.data.faults.get("unreadable")
    if files:
        yield Finding(
            Severity.ERROR,
            summary=f"{files.count} of {evidence.data.files} images cannot be read.",
            fix="Restore the files from their source, or remove them.",
            measured={"files": files.count, "reasons": list(files.details)},
            files=files.examples,
        )


CHECK = Check("D101", "unreadable-image", needs=("data",), judge=judge)
