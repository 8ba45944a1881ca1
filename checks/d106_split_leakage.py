"""The same picture in train and in the split that is to judge it.

What it looks for: equal size and equal RGB pixels in train and in val or test, and near-same pictures: re-encoded,
resized or slightly edited copies, as D105 finds them.

Why it matters: the model has seen the answer, so the validation accuracy is too high by up to the leaked share
and model selection goes wrong.

Example: a random split made before copies were removed.

Fix: remove the pictures from one of the two splits; split again by picture, not by file.

Source: Barz and Denzler 2020: 3.3% of CIFAR-10's and 10% of CIFAR-100's test images have duplicates in train,
which moved published accuracies by up to 14% of the error. From 1% of a split on, an error: the accuracy is off
in the digits people compare. Below 0.1% it cannot move by more than a tenth of a point: worth knowing, as is less than
1% of near-same pictures alone, since two pictures of one thing may look the same without being copies.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, NotExamined, Severity

ERROR_SHARE, WARN_SHARE = 0.01, 0.001
EXAMPLES = 5  # near-same pairs named


def judge(evidence: Evidence) -> Iterator[Finding]:
    data = evidence.searched_data
    if "train" not in data.counts or data.held_out_split is None:
        raise NotExamined("the folder has no train and val/test splits to compare")
    for split in data.counts:
        equal, near = data.leaked_images.get(split, 0), data.near_leaked_images.get(split, 0)
        if not equal + near:
            continue
        share = (equal + near) / data.in_split(split)
        how = f", {near} of them re-encoded, resized or slightly edited" if near else ""
        warned = share >= WARN_SHARE and equal
        severity = Severity.ERROR if share >= ERROR_SHARE else Severity.WARNING if warned else Severity.INFO
        yield Finding(
            severity,
            summary=f"{equal + near} of {data.in_split(split)} {split} images ({share:.1%}) are in train too{how}.",
            fix=f"Remove them from {split} or from train, and split by picture from now on.",
            measured={"split": split, "equal": equal, "near_same": near, "share": share},
            files=(
                *(" = ".join(group) for group in data.leaks.examples),
                *(" ~ ".join(pair) for pair in data.near_leaks[:EXAMPLES]),
            ),
            subject=split,
        )


CHECK = Check("D106", "split-leakage", needs=("data",), judge=judge)
