"""A class that has one number in training and another in validation.

What it looks for: the class folders of the files that training and validation read, and the labels that came with them.

Why it matters: validation counts right answers as wrong. Accuracy stays at chance while the training loss falls.

Example: class numbers from os.listdir, whose order is arbitrary, or from a label encoder that is fitted on each split.

Fix: number the classes once, from a sorted list, and use it for both.

Source: counted: folders whose prevailing label differs between the splits.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, Severity

FEWEST = 2  # images of a folder in each split
SURE = 0.7  # share of a folder's images that its label has


def judge(evidence: Evidence) -> Iterator[Finding]:
    train = _numbers(evidence.run.training.folders)
    held_out = _numbers(evidence.run.held_out.folders)
    both = sorted(train.keys() & held_out.keys())
    if len(both) < 2:
        raise NotExamined("the run saw too few classes with their files in both splits")
    differ = [name for name in both if train[name] != held_out[name]]
    if len(differ) >= 2:
        name = differ[0]
        yield Finding(
            Severity.ERROR,
            summary=f"{len(differ)} of {len(both)} classes have another number in validation than in training: "
            f"{name} is {train[name]} in training and {held_out[name]} in validation.",
            fix="Number the classes once, from a sorted list, and use it for both splits.",
            measured={"differ": differ[:10], "classes": len(both)},
            location=evidence.run.held_out.location,
            confidence=Confidence.CERTAIN,
        )


def _numbers(folders: tuple[tuple[str, int, int], ...]) -> dict[str, int]:
    """The prevailing label of each folder that has one."""
    found = {}
    for name in {folder for folder, _, _ in folders}:
        labels = {label: count for folder, label, count in folders if folder == name}
        label = max(labels, key=labels.__getitem__)
        if sum(labels.values()) >= FEWEST and labels[label] >= SURE * sum(labels.values()):
            found[name] = label
    return found


CHECK = Check("R606", "classes-numbered-differently", needs=("run.training", "run.held_out"), judge=judge)
