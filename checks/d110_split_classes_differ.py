"""A class that a split lacks.

What it looks for: classes of train that val or test do not have, and the reverse.

Why it matters: ImageFolder numbers the classes of each folder by itself, so one missing class shifts the
numbers of all that follow and the validation compares against the wrong names. A class without
validation images is never judged; one without training images can never be right.

Example: train/ has cat, dog, fox; val/ has cat, fox: fox is 2 in one and 1 in the other.

Fix: give every split every class, or pass one class list to all of them.

Source: torchvision.datasets.folder.find_classes sorts the folders of each root.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, NotExamined, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    data = evidence.data
    if data.train_split == "all":
        raise NotExamined("the folder has no splits")
    train = {name for name, count in data.per_class.items() if count}
    for split, counts in data.counts.items():
        held = {name for name, count in counts.items() if count}
        missing, extra = sorted(train - held), sorted(held - train)
        if missing or extra:
            said = [f"lacks {', '.join(missing[:5])}"] if missing else []
            said += [f"has {', '.join(extra[:5])}, which train lacks"] if extra else []
            yield Finding(
                Severity.ERROR,
                summary=f"{split} {' and '.join(said)}: class numbers shift between the splits.",
                fix="Give every split every class, or pass one class list to all of them.",
                measured={"split": split, "missing": missing, "extra": extra},
                subject=split,
            )


CHECK = Check("D110", "split-classes-differ", needs=("data",), judge=judge)
