"""A class that a split lacks, or a split that isn't sorted into the classes at all.

What it looks for: classes of train that val or test do not have, and the reverse. Where the two have no class in common
the split has a different layout, such as with all its images in one folder.

Why it matters: ImageFolder numbers the classes of each folder by itself, so one missing class shifts the
numbers of all that follow and the validation compares against the wrong names. A class without
validation images is never judged; one without training images can never be right. From one folder every image gets
the label 0.

Example: train/ has cat, dog, fox; val/ has cat, fox: fox is 2 in one and 1 in the other. Tiny ImageNet as downloaded:
val/images/ and a list of labels beside it.

Fix: give every split every class, or pass one class list to all of them.

Source: torchvision.datasets.folder.find_classes sorts the folders of each root.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, ClassFolders, Evidence, Finding, NotExamined, Severity

NAMED = 5


def judge(evidence: Evidence) -> Iterator[Finding]:
    data, loader = evidence.data, evidence.class_loader
    if data.train_split == "all":
        raise NotExamined("the folder has no splits")
    train = evidence.classes_in(data.train_split)
    for split in data.counts:
        held, place = evidence.classes_in(split), loader
        for given in evidence.code.facts(ClassFolders) if evidence.code else ():
            if given.root.endswith(f"/{split}") and split in data.unsorted:
                held, place = frozenset(data.unsorted[split]), given  # a list sorts them, which this loader never reads
        missing, extra = sorted(train - held), sorted(held - train)
        if not (missing or extra):
            continue
        # Whether a program that lists the folders by itself takes a stray one for a class is not known.
        unsure = evidence.code is not None and loader is None and {*missing, *extra} <= set(data.stray)
        summary, fix = (
            _unsorted(split, data.train_split, extra)
            if extra and held.isdisjoint(train)
            else _shifted(split, data.train_split, missing, extra)
        )
        head = evidence.configuration.head.value if evidence.configuration else None
        if missing and not extra and head == len(held):
            fix = f"If {_named(missing)} isn't a class, delete it: the head has {head} outputs. Otherwise: {fix}"
        yield Finding(
            Severity.WARNING if unsure else Severity.ERROR,
            summary=summary,
            fix=fix,
            measured={"split": split, "missing": missing, "extra": extra},
            location=place.location if place else None,
            subject=split,
        )


def _shifted(split: str, train: str, missing: list[str], extra: list[str]) -> tuple[str, str]:
    said = [f"lacks {_named(missing)}"] if missing else []
    said += [f"has {_named(extra)}, which {train} lacks"] if extra else []
    return (
        f"{split} {' and '.join(said)}: class numbers shift between the splits.",
        "Give every split every class, or pass one class list to all of them.",
    )


def _unsorted(split: str, train: str, folders: list[str]) -> tuple[str, str]:
    one = len(folders) == 1
    labels = "every image gets the label 0" if one else "their numbers mean other classes"
    return (
        f"{split} is not sorted into the classes of {train}: it holds the folder{'' if one else 's'} "
        f"{_named(folders)} instead, so {labels}.",
        f"Move the images of {split} into folders named like those of {train}; a list of labels that came with them "
        "says which belongs where.",
    )


def _named(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


CHECK = Check("D110", "split-classes-differ", needs=("data",), judge=judge)
