"""Images in the class folders that the loader skips.

What it looks for: files of the class folders that a loader leaves out by their ending (.heic, .gif, .avif, none at
all), by the rules of the loader that the program uses, of torchvision's ImageFolder where that is not known. It says
what ImageFolder, Keras's image_dataset_from_directory and Hugging Face's imagefolder each take. An error where the
loader stops, or loses more than a tenth of the images.

Why it matters: no loader says which files it left out. Photographs of one phone, or a whole class in another format,
are missing from the training, and the class sizes are not those of the folders.

Example: 15 of 51 images end in .heic; a class of .webp files under Keras, which takes .bmp, .gif, .jpeg, .jpg and .png.

Fix: convert the files to .jpg or .png, or configure the loader to take them.

When it is wrong: the files were meant to be left out, such as originals beside their conversions.

Source: torchvision.datasets.folder.IMG_EXTENSIONS; ALLOWLIST_FORMATS of keras/src/utils/image_dataset_utils.py;
IMAGE_EXTENSIONS of datasets/packaged_modules/imagefolder.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, LoaderView, Severity, listed

SHARE = 0.1  # of the images, whose loss is an error
SAME_RULES = {"DatasetFolder": "ImageFolder"}
COMPARED = ("ImageFolder", "image_dataset_from_directory", "imagefolder")
NAMED = 5


def judge(evidence: Evidence) -> Iterator[Finding]:
    data, loader = evidence.data, evidence.class_loader
    used = SAME_RULES.get(loader.loader, loader.loader) if loader else "ImageFolder"
    views = [view for view in data.loaders if view.loader == used and view.dropped]
    if not views:
        return
    dropped = sum(sum(view.dropped.values()) for view in views)
    kept = sum(view.kept for view in views)
    raises = next((view.raises for view in views if view.raises), "")
    known = loader is not None
    grave = bool(raises) or dropped > SHARE * (kept + dropped)
    taker = loader.loader if loader else "ImageFolder"
    stops = f", and it stops with {raises}" if raises else ""
    yield Finding(
        (Severity.ERROR if grave else Severity.WARNING)
        if known
        else Severity.WARNING
        if evidence.code is None
        else Severity.INFO,
        summary=f"{taker} takes {kept} of {kept + dropped} images: it leaves out {_endings(views)}{stops}."
        f"{_others(data.loaders, used, kept)}",
        fix="Convert the files to .jpg or .png, or give the loader their endings.",
        measured={
            "loader": taker,
            "kept": kept,
            "dropped": {ending or "(none)": number for ending, number in _counted(views).items()},
        },
        location=loader.location if loader else None,
        confidence=Confidence.CERTAIN if known else Confidence.LIKELY,
    )


def _counted(views: list[LoaderView]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for view in views:
        for ending, number in view.dropped.items():
            counted[ending] = counted.get(ending, 0) + number
    return counted


def _endings(views: list[LoaderView]) -> str:
    return listed([f"{number} {ending or 'without an ending'}" for ending, number in _counted(views).items()][:NAMED])


def _others(views: tuple[LoaderView, ...], used: str, kept: int) -> str:
    """What the other loaders take of the same folders, where that is another number."""
    counts = []
    for name in COMPARED:
        own = [view for view in views if view.loader == name]
        number = sum(view.kept for view in own)
        if name != used and own and number != kept:
            counts.append(f"{name} takes {number}")
    return f" {listed(counts)}." if counts else ""


CHECK = Check("D126", "files-left-out", needs=("data",), judge=judge)
