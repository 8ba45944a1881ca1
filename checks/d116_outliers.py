"""Images unlike the rest of the set: blank, too dark, too bright, blurred, between bars, or with an end missing.

What it looks for: a luma that varies by three levels of 255 at most (blank); whose 99th percentile stays below 40
(dark) or whose 1st is above 225 (bright); and steps that a further blur hardly takes away (blurred), in the full
picture, of 64 pixels or more. Bars: rows or columns of one grey at two opposite edges, next to which most pixels are
others at once, and which hardly occurs between them. An end missing: the same at the lower end alone, of the grey (128)
or black that forgiving loaders put in the place of what a cut file lacks. What more than a tenth of the images share is
taken to be normal for the data, except blank ones, and grey ends up to a half. Bars and black ends, which a sound
picture may have, are only worth knowing, from a hundredth of the images on.

Why it matters: such an image carries its label and little else; it is memorised or not learned at all.

Example: a lens cap, a film's frame, half a download saved again, a failed download drawn as a grey square, a photograph
out of focus.

Fix: look at them, and remove those in which you cannot see the class yourself.

Source: Crete et al. 2007, "The blur effect", for the sharpness; the limits are ours, set on Fashion-MNIST, two
collections of photographs and darkened, bleached and blurred copies of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

WARN_SHARE = 0.01
WORDS = {
    "flat": "blank",
    "dark": "almost black",
    "bright": "almost white",
    "blurred": "blurred",
    "bars": "between two bars of one colour",
    "cut": "grey from some row to the lower end, as a cut file decodes",
    "black end": "black from some row to the lower end, as a cut file decodes",
}
FIXES = {
    "bars": "Crop the bars away, unless all images that the network will meet have them.",
    "cut": "Fetch the images again, or remove them.",
    "black end": "Fetch the images again, or remove them.",
}
WORTH_KNOWING = ("bars", "black end")  # which a sound picture may have


def judge(evidence: Evidence) -> Iterator[Finding]:
    data = evidence.data
    for kind, files in data.outliers.items():
        share = files.count / data.images
        if kind in WORTH_KNOWING and share < WARN_SHARE:
            continue
        are = "image is" if files.count == 1 else "images are"
        yield Finding(
            Severity.WARNING if share >= WARN_SHARE and kind not in WORTH_KNOWING else Severity.INFO,
            summary=f"{files.count} {are} {WORDS[kind]} ({share:.1%}).",
            fix=FIXES.get(kind, "Look at them, and remove those in which you cannot see the class yourself."),
            measured={"images": files.count, "share": share},
            files=files.examples,
            confidence=Confidence.CERTAIN if kind == "flat" else Confidence.LIKELY,
            subject=kind,
        )


CHECK = Check("D116", "outliers", needs=("data",), judge=judge)
