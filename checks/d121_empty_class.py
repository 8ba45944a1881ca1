"""A class folder without images, or a folder that isn't a class.

What it looks for: class folders that hold no image (or may not be listed), and folders that tools leave behind among
the classes: their names begin with "." or "__" or are a tool's own, such as @eaDir; or one split alone has the folder,
and it holds nothing but copies of pictures of other classes. An error where the classes of the splits or the outputs of
the head come to differ by it, or where the program's loader raises on it.

Why it matters: torchvision's ImageFolder takes every folder for a class, hidden ones too, and numbers the classes by
name: a stray folder shifts the number of every class behind it, and it raises on a class without images. Other loaders
give the head an output that is never trained.

Example: train/.ipynb_checkpoints, which a notebook made beside the class folders; a class whose images were moved.

Fix: remove the folder, or fill the class.

Source: torchvision.datasets.DatasetFolder.find_classes and make_dataset; Keras's flow_from_directory counts hidden
folders too, its image_dataset_from_directory skips them, so nothing is reported for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import WHOLE, Check, Confidence, Evidence, Finding, Severity, listed

NAMED = 5


def judge(evidence: Evidence) -> Iterator[Finding]:
    yield from _empty(evidence)
    yield from _stray(evidence)


def _empty(evidence: Evidence) -> Iterator[Finding]:
    data, loader = evidence.data, evidence.class_loader
    empty = [name for name in data.empty_classes if name.rpartition("/")[2] not in data.stray]
    if not empty:
        return
    elsewhere = {name for counts in data.counts.values() for name, count in counts.items() if count}
    lost = [name for name in empty if name.rpartition("/")[2] in elsewhere]
    raises = loader is not None and bool(loader.raises)
    named = ", ".join((lost or empty)[:NAMED])
    yield Finding(
        Severity.ERROR if lost or raises else Severity.WARNING,
        summary=f"{len(empty)} class folder{' holds' if len(empty) == 1 else 's hold'} no images: {named}.",
        fix="Put the images of the class back, or remove the class from every split."
        if lost
        else "Fill it or remove it: ImageFolder raises on a class without images.",
        measured={"empty": len(empty), "in_another_split": len(lost)},
        location=loader.location if loader and raises else None,
        subject="empty",
    )


def _stray(evidence: Evidence) -> Iterator[Finding]:
    """Folders that the program's loader does not count are left out; where the loader is not known it may."""
    data, loader = evidence.data, evidence.class_loader
    hidden = loader is None or loader.hidden
    stray = {name for name in data.stray if hidden or not name.startswith(".")}
    if not stray:
        return
    certain = evidence.code is None or loader is not None
    held = {f"{split}/{name}": data.counts[split][name] for split in data.counts
            for name in sorted(stray & evidence.classes_in(split))}  # fmt: skip
    harm = _harm(evidence, stray)
    one, images = len(stray) == 1, sum(held.values())
    taker = loader.loader if loader else "a loader such as ImageFolder"
    yield Finding(
        Severity.ERROR if harm and certain else Severity.WARNING,
        summary=f"{listed(sorted(stray)[:NAMED])} {'is a folder' if one else 'are folders'} that a tool left behind"
        + f", with {images or 'no'} image{'' if images == 1 else 's'}"
        + f", and {taker} takes {'it for a class' if one else 'them for classes'}{harm}.",
        fix=f"Delete the folder{'' if one else 's'}: {', '.join(_places(evidence, stray)[:NAMED])}.",
        measured={"stray": len(stray), "images": images},
        files=tuple(name.removeprefix(f"{WHOLE}/") for name in held),
        location=loader.location if loader else None,
        confidence=Confidence.CERTAIN if certain else Confidence.LIKELY,
        subject="stray",
    )


def _places(evidence: Evidence, stray: set[str]) -> list[str]:
    data = evidence.data
    named = {f"{split}/{name}" for split, counts in data.counts.items() for name in counts if name in stray}
    named |= {place for place in data.empty_classes if place.rpartition("/")[2] in stray}
    return sorted(place.removeprefix(f"{WHOLE}/") for place in named)


def _harm(evidence: Evidence, stray: set[str]) -> str:
    """What goes wrong by it for certain; empty where nothing does."""
    data, loader = evidence.data, evidence.class_loader
    classes = evidence.classes_in(data.train_split)
    other = next((split for split in data.counts if evidence.classes_in(split) & stray != classes & stray), None)
    head = evidence.configuration.head.value if evidence.configuration else None
    harms = []
    if other:
        harms.append(f"the classes of {data.train_split} and {other} get different numbers")
    if classes & stray and head == len(classes - stray):
        harms.append(f"the labels go beyond the {head} outputs of the head")
    if loader and loader.raises and not any(classes & stray for classes in map(evidence.classes_in, data.counts)):
        harms.append("it raises, since it holds no images")
    return f": {', and '.join(harms)}" if harms else ""


CHECK = Check("D121", "empty-class", needs=("data",), judge=judge)
