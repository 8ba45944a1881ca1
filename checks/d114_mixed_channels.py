"""Images with different channel modes in one set.

What it looks for: more than one channel mode (grey, RGB, palette, RGBA, CMYK, 16-bit), and modes that the usual
conversion to RGB damages even where all images share them: 16-bit values are clipped to white, and
transparency is dropped, which shows whatever colour lay beneath it. A warning where values are clipped, and where
pictures are transparent and others, or the same, are blank once the transparency is gone. Also pictures of shades of
grey alone that were saved as RGB, among coloured ones: a fiftieth of the images at least, and at most all but that.

Why it matters: a loader without conversion raises on the odd one; with conversion the network may see other
pictures than you do.

Example: PNG drawings with an alpha channel among JPEG photographs.

Fix: convert once, on purpose: composite transparency on a background, scale 16-bit by its true range.

Source: torchvision.datasets.folder.pil_loader calls convert("RGB"); Pillow's documentation of convert.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity

CLIPPED = ("I;16", "I;16B", "I;16L", "I", "F")  # convert("RGB") clips these to 255
FEW = (
    0.02  # of the images, of grey or coloured ones; photographs of the web hold one grey in a hundred (CIFAR-10: 1.2%)
)
TRANSPARENT = ("RGBA", "LA", "PA", "RGBa", "La")


def judge(evidence: Evidence) -> Iterator[Finding]:
    yield from _grey(evidence)
    modes = evidence.data.modes
    clipped = sum(modes[mode].count for mode in CLIPPED if mode in modes)
    transparent = sum(modes[mode].count for mode in TRANSPARENT if mode in modes)
    if not (clipped or transparent or len(modes) > 1):
        return
    counts = {mode: files.count for mode, files in modes.items()}
    listed = ", ".join(f"{count} {mode}" for mode, count in counts.items())
    if clipped:
        summary = (
            f"{clipped} images have more than 8 bits a channel, which conversion to RGB clips to white ({listed})."
        )
    elif transparent:
        summary = f"{transparent} images have transparency, which conversion to RGB drops ({listed})."
    else:
        summary = f"The images are of {len(modes)} channel kinds: {listed}."
    blank = evidence.data.outliers.get("flat")
    hidden = transparent and blank is not None and blank.count <= transparent
    rarest = min(modes, key=lambda mode: modes[mode].count)
    yield Finding(
        Severity.WARNING if clipped or hidden else Severity.INFO,
        summary=summary,
        fix="Convert all images to RGB once, on purpose, and look at a few of the results.",
        measured={"modes": counts},
        files=modes[rarest].examples,
    )


def _grey(evidence: Evidence) -> Iterator[Finding]:
    grey, images = evidence.data.grey, evidence.data.images
    if FEW * images <= grey.count <= (1 - FEW) * images and grey.count:
        yield Finding(
            Severity.INFO,
            summary=f"{grey.count} of {images} images are grey, though saved as RGB.",
            fix="Look whether they are meant; turn all images to grey, or train with random greyscale, where colour "
            "isn't part of the class.",
            measured={"images": grey.count, "share": grey.count / images},
            files=grey.examples,
            subject="grey",
        )


CHECK = Check("D114", "mixed-channels", needs=("data",), judge=judge)
