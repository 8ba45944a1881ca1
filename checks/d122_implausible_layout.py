"""A layout in which a loader probably takes the wrong folders for classes.

What it looks for: what had to be undone before the folder could be read (a folder around the classes, super-classes,
folds, splits by other names, classes in file names or lists), images that were left out since they have no class, one
class alone, classes that are called images, annotations or train_x, or unsorted and to_label, classes that hold folders
of the same names or small copies of their images, a table that gives other classes than the folders, and masks beside
their images (x_mask.png beside x.png). An error where the program's loader is given that folder.

Why it matters: ImageFolder and its like take the folders of the path that they are given for classes, whatever they
are. They raise nothing: the run trains on one class, on "images" against "annotations", or on masks.

Example: an archive unpacked into data/animals/animals/cat; EuroSAT's 2750/; fold1..fold5 with all classes in each.

Fix: give the loader the folder that holds the class folders; move what isn't a class out of it.

When it is wrong: a class may be called images or mask, and the classes of a nested folder may be the outer ones. Each
finding names what to give or type where something else was meant.

Source: torchvision.datasets.DatasetFolder.find_classes, keras.utils.image_dataset_from_directory. The layouts are those
of the sets that people download: Kaggle's, torchvision's, TensorFlow's and Roboflow's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from diagnose.model import Check, ClassFolders, Confidence, Evidence, Finding, Reading, Severity, listed

# Names of folders that hold images or describe them.
NO_CLASSES = {
    "images", "imgs", "annotations", "annotation", "labels", "masks", "mask", "jpegimages", "2750",
    "train", "training", "test",
    "testing", "val", "valid", "validation", "train_set", "test_set", "training_set", "train_images",
    "test_images", "train_x",
    "test_x", "x_train", "x_test", "bboxes", "xml", "dataset", "trimaps", "segmentations",
}  # fmt: skip
# Names of piles that are still to be sorted, as people and file managers call them. Other, unknown, background,
# negative and misc are classes as often as not.
NO_LABEL = re.compile(
    r"(un|not |non )(sorted|label+ed|annotated|tagged|assigned|reviewed|categori[sz]ed)|no ?labels?|label missing"
    r"|to ?(do|sort|label|review|check|annotate|tag)|(needs|for|in|pending) (review|label+ing|sorting|check)|tbd"
    r"|in ?box|unsortiert|nicht sortiert|ungelabelt|ohne label|zu sortieren|sin (clasificar|etiqueta)|à trier"
    r"|non (classé|trié)s?|sem rótulo|da ordinare|new folder|untitled folder|neuer ordner|nouveau dossier|nueva carpeta"
    r"|nova pasta|nuova cartella|temp|tmp"
)
AROUND = re.compile(r"\b(images?|imgs?|photos?|pictures?|pics|files?|data|samples?|crops?|folder|all|the|rest)\b")
# Readings that only say what was done: nothing is wrong with them.
HARMLESS = ("pixels", "one-hot", "label-pattern", "label-in-path")
# Readings in which the classes themselves were guessed.
GUESSED = ("two-levels", "folds", "domains", "groups", "equal-sub-folders", "guessed-column", "label-in-name", "loose",
           "levels", "table-disagrees", "previews", "uneven-splits",
           "copied-tree", "fold-lists", "unlisted", "lists-disagree", "recordings", "versions",
           "unpaired")  # fmt: skip
# Readings that do not fit a training with one class an image.
NOT_ONE_LABEL = ("several-labels", "boxes")
NAMED = 4


def judge(evidence: Evidence) -> Iterator[Finding]:
    yield from _readings(evidence)
    yield from _classes(evidence)
    yield from _unsorted(evidence)
    yield from _masks(evidence)


def _readings(evidence: Evidence) -> Iterator[Finding]:
    loader = evidence.class_loader
    for note in evidence.data.reading:
        if note.kind in HARMLESS or (note.differs and loader is not None and _given_inside(loader, note)):
            continue
        trained = note.differs and loader is not None and _given(loader, evidence.data.root)
        if trained:
            severity = Severity.ERROR
        elif note.kind in GUESSED or (note.differs and loader is not None) or _does_not_fit(evidence, note):
            severity = Severity.WARNING
        else:
            severity = Severity.INFO
        taker = (
            f" {loader.loader} is given that folder and takes its folders for the classes."
            if trained and loader
            else ""
        )
        yield Finding(
            severity,
            summary=f"{note.said}{taker}{_counted(evidence) if note.kind == 'several-labels' else ''}",
            fix=note.step or "Nothing to do where it is meant so.",
            measured={"layout": note.kind, "classes": len(evidence.data.classes)},
            location=loader.location if trained and loader else None,
            confidence=Confidence.CERTAIN if trained or not note.differs else Confidence.LIKELY,
            subject=note.kind,
        )


def _does_not_fit(evidence: Evidence, note: Reading) -> bool:
    """Whether images have several labels, or boxes, and nothing says that the training is one of several labels."""
    loss = evidence.configuration.loss.value if evidence.configuration else None
    return note.kind in NOT_ONE_LABEL and not str(loss).startswith(("bce", "binary"))


def _counted(evidence: Evidence) -> str:
    """How often each label stands, and which stand together."""
    several = evidence.data.several
    if several is None:
        return ""
    counts: dict[str, int] = {}
    for split in several.counts.values():
        for name, count in split.items():
            counts[name] = counts.get(name, 0) + count
    most = sorted(counts, key=lambda name: (-counts[name], name))
    sentences = f" {several.images} of {evidence.data.images} images have more than one of {len(counts)} labels: "
    sentences += listed([f"{name} {counts[name]}" for name in most[:NAMED]]) + "."
    if several.together:
        one, other, number = several.together[0]
        sentences += f" {one} and {other} stand together most often ({number})."
    return sentences


def _classes(evidence: Evidence) -> Iterator[Finding]:
    data, loader = evidence.data, evidence.class_loader
    names = sorted(evidence.classes_in(data.train_split))
    if len(names) == 1:
        yield Finding(
            Severity.ERROR if evidence.code is not None else Severity.WARNING,
            summary=f"All images are of one class, {names[0]}: a classifier has nothing to separate.",
            fix="Give the folder that holds a folder per class, or add the other class.",
            measured={"classes": 1},
            subject="one class",
        )
    odd = [name for name in names if name.lower() in NO_CLASSES and name not in data.stray]
    if odd and len(names) > 1:
        one = len(odd) == 1
        yield Finding(
            Severity.ERROR if loader is not None else Severity.WARNING,
            summary=f"{listed(odd[:NAMED])} {'is' if one else 'are'} taken for {'a class' if one else 'classes'}, by "
            f"the name {'a folder' if one else 'folders'} of images or of what describes them.",
            fix="Give the folder that holds a folder per class, and move all else out of it.",
            measured={"classes": len(names), "odd": odd},
            location=loader.location if loader else None,
            confidence=Confidence.LIKELY,
            subject="class names",
        )


def _unsorted(evidence: Evidence) -> Iterator[Finding]:
    data, loader = evidence.data, evidence.class_loader
    names = sorted({name for counts in data.counts.values() for name, count in counts.items() if count})
    piles = [name for name in names if _is_pile(name) and name not in data.stray]
    if not piles or len(names) - len(piles) < 2:
        return
    images = sum(counts.get(name, 0) for counts in data.counts.values() for name in piles)
    one = len(piles) == 1
    yield Finding(
        Severity.WARNING,
        summary=f"{listed(piles[:NAMED])} ({images} images) {'is' if one else 'are'} called as a pile that is still to "
        f"be sorted, and {'is' if one else 'are'} trained on as {'a class' if one else 'classes'}.",
        fix="Move its images into their classes, or the folder out of the data.",
        measured={"images": images, "odd": piles},
        location=loader.location if loader else None,
        confidence=Confidence.LIKELY,
        subject="unsorted",
    )


def _is_pile(name: str) -> bool:
    """Whether a class is called as what has no label yet: Unsorted, to_label, 00_todo, "New folder (2)"."""
    words = " ".join(re.split(r"[\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())).strip()
    counted = " ".join(re.sub(r"\d+", " ", words).split())
    bare = " ".join(AROUND.sub(" ", counted).split())
    return any(NO_LABEL.fullmatch(one) for one in (words, counted, bare))


def _masks(evidence: Evidence) -> Iterator[Finding]:
    masks, loader = evidence.data.masks, evidence.class_loader
    if masks.count:
        yield Finding(
            Severity.ERROR if loader is not None else Severity.WARNING,
            summary=f"{masks.count} files among the images are masks of others, such as {masks.examples[0]}, and are "
            "trained on as images of their class.",
            fix="Move the masks into a folder of their own, outside the class folders.",
            measured={"masks": masks.count},
            files=masks.examples,
            location=loader.location if loader else None,
            confidence=Confidence.LIKELY,
            subject="masks",
        )


def _given(loader: ClassFolders, root: str) -> bool:
    """Whether the loader is given the folder that was read."""
    return bool(loader.root) and PurePath(loader.root).name == PurePath(root).name


def _given_inside(loader: ClassFolders, note: Reading) -> bool:
    """Whether the loader is given the folder that holds the classes, or a folder in it."""
    return bool(note.place and loader.root) and PurePath(note.place).name in PurePath(loader.root).parts


CHECK = Check("D122", "implausible-layout", needs=("data",), judge=judge)
