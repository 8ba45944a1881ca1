"""Images that their EXIF data says to turn or mirror.

What it looks for: an orientation other than 1 in the EXIF data.

Why it matters: screens turn such a picture, loaders do not, so the network sees it lying on its side while you see it
upright. Where only some are turned, or training and use differ in it, accuracy is lost.

Example: photographs of a phone held upright, of which some were passed through a program that turned the pixels.

Fix: apply PIL.ImageOps.exif_transpose once to the files, or in the loader of training and use alike.

Source: the EXIF 2.32 standard, tag 0x0112; torchvision.datasets.folder.pil_loader does not read it.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity

WARN_SHARE = 0.01


def judge(evidence: Evidence) -> Iterator[Finding]:
    data, files = evidence.data, evidence.data.rotated
    if files.count:
        share = files.count / data.images
        yield Finding(
            Severity.WARNING if share >= WARN_SHARE else Severity.INFO,
            summary=f"{files.count} images ({share:.1%}) are stored turned, and loaders do not turn them back.",
            fix="Apply PIL.ImageOps.exif_transpose to the files once, or in the loader of training and use alike.",
            measured={"images": files.count, "share": share, "orientations": list(files.details)},
            files=files.examples,
        )


CHECK = Check("D115", "exif-rotated", needs=("data",), judge=judge)
