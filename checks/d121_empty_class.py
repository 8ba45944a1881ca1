"""A class folder without images, or a folder that is no class.

What it looks for: class folders that hold no image (or may not be listed), and folders that tools leave behind, which a
loader takes for classes (their names begin with "." or "__").

Why it matters: torchvision's ImageFolder raises on an empty class; other loaders give the head an output that is never
trained. A stray folder shifts the number of every class behind it.

Example: .ipynb_checkpoints beside the class folders; a class whose images were moved.

Fix: remove the folder, or fill the class.

Source: torchvision.datasets.DatasetFolder.find_classes and make_dataset.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity

NAMED = 5


def judge(evidence: Evidence) -> Iterator[Finding]:
    data = evidence.data
    stray = set(data.stray)
    empty = [name for name in data.empty_classes if name.split("/", 1)[-1] not in stray]
    if empty:
        are = "class folder holds" if len(empty) == 1 else "class folders hold"
        yield Finding(
            Severity.WARNING,
            summary=f"{len(empty)} {are} no images: {', '.join(empty[:NAMED])}.",
            fix="Fill it or remove it: ImageFolder raises on a class without images.",
            measured={"empty": len(empty)},
            subject="empty",
        )
    if stray:
        are = "folder looks" if len(stray) == 1 else "folders look"
        yield Finding(
            Severity.WARNING,
            summary=f"{len(stray)} {are} like something a tool left behind, and a loader takes it for a class: "
            f"{', '.join(sorted(stray)[:NAMED])}.",
            fix="Remove it.",
            measured={"stray": len(stray)},
            subject="stray",
        )


CHECK = Check("D121", "empty-class", needs=("data",), judge=judge)
