"""Images and labels that are paired by position, in orders that may differ.

What it looks for: a listing of files that is not sorted (os.listdir, glob, Path.iterdir) beside the rows of a table,
stored labels or another listing, item by item; pictures and labels that are shuffled or split one without the other;
predictions of a loader that shuffles beside its stored labels; class numbers from a set or an unsorted listing, or made
once for training and once for validation.

Why it matters: each picture gets another picture's label, so nothing can be learned, or the score is at chance level,
and no line raises an error. Folders are listed in an arbitrary order, which changes with the file system.

Example: images = [read(f) for f in os.listdir("train")]; labels = pd.read_csv("train.csv")["label"].

Fix: take the path of each picture from the row that holds its label; sort both listings; shuffle=False for the loader
that predicts; sorted(set(names)) for class numbers, and one numbering for all parts.

When it is wrong: some file systems list files sorted, and a table may be in the same order; the pairing then holds by
luck. Two encoders that are fitted apart agree where each part has every class, so this is a warning.

Source: Python's os.listdir, "The list is in arbitrary order"; Keras, flow_from_directory, shuffle=True by default.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import (
    Check,
    ClassNumbers,
    Evidence,
    Finding,
    ReorderedApart,
    Severity,
    ShuffledPredictions,
    UnequalOrders,
)

APART = {
    "shuffle": "shuffled without the other",
    "split": "split apart, each with a random order of its own",
    "index": "put in a random order without the other",
}
FIXES = {
    "table": "Take each picture's path from the table's row, or look its label up by the file's name.",
    "stored": "Sort the listing as the stored labels are ordered, or store each label with its file's name.",
    "positions": "Give each picture the number of its folder in the loop that reads it.",
}


def judge(evidence: Evidence) -> Iterator[Finding]:
    program = evidence.program
    yield from map(_unequal, program.facts(UnequalOrders))
    yield from map(_reordered, program.facts(ReorderedApart))
    yield from map(_predicted, program.facts(ShuffledPredictions))
    yield from map(_numbered, program.facts(ClassNumbers))


def _unequal(seen: UnequalOrders) -> Finding:
    others = {
        "table": f"the rows of {seen.other}()",
        "stored": f"the array that {seen.other}() reads",
        "positions": "numbers that are written for ranges of places",
    }
    other = others.get(seen.other_kind, f"the order of {seen.other}()")
    both = seen.other_kind == "listing"
    return Finding(
        Severity.ERROR if seen.other_kind in others or seen.trains else Severity.WARNING,
        summary=f"{seen.listing}() lists files in an arbitrary order, and line {seen.paired_at} pairs them by position "
        f"with {other} (line {seen.other_line}): pictures get the labels of others.",
        fix=FIXES.get(seen.other_kind, "Sort both listings, and make sure that they hold the same names."),
        measured={"other": seen.other_line, "paired": seen.paired_at},
        location=seen.location,
        subject="orders",
        rewrites=("sort-names",) if both else (),
    )


def _reordered(seen: ReorderedApart) -> Finding:
    return Finding(
        Severity.ERROR,
        summary=f"One of the pictures and labels that line {seen.paired_at} pairs is {APART[seen.how]}: "
        "they no longer belong together.",
        fix="Split both in one call: train_test_split(pictures, labels)."
        if seen.how == "split"
        else "Draw one permutation and index both with it.",
        measured={"paired": seen.paired_at},
        location=seen.location,
        subject=seen.how,
    )


def _predicted(seen: ShuffledPredictions) -> Finding:
    return Finding(
        Severity.ERROR,
        summary=f"{seen.loader}() gives its images in a random order, and line {seen.compared_at} compares their "
        f"predictions with `{seen.labels}` in another: the score is chance.",
        fix="Set shuffle=False for the images that are predicted.",
        measured={"compared": seen.compared_at},
        location=seen.location,
        subject="predictions",
        rewrites=("keep-order",),
    )


def _numbered(seen: ClassNumbers) -> Finding:
    encoder = seen.source not in ("set", "listing")
    if seen.apart_from is not None:
        certain = seen.source in ("listing", "factorize")
        here = seen.location.line if seen.location else None
        where = "by this line" if seen.apart_from == here else f"here and at line {seen.apart_from}"
        return Finding(
            Severity.ERROR if certain else Severity.WARNING,
            summary=f"The classes are numbered twice, {where}, each time by the names that are there: one number may "
            "stand for two classes.",
            fix="Fit the encoder to the training labels, and only transform the others."
            if encoder
            else "Number the classes once, by sorted names, and use these numbers for all parts.",
            measured={"first": seen.apart_from},
            location=seen.location,
            subject="numbers apart",
            rewrites=() if encoder else ("sort-names",),
        )
    what = "a set" if seen.source == "set" else "an unsorted listing"
    changes = "from run to run" if seen.source == "set" else "with the file system"
    return Finding(
        Severity.WARNING if seen.keeps and seen.source == "set" else Severity.INFO,
        summary=f"The classes are numbered in the order of {what}, which changes {changes}: saved weights then name "
        "other classes.",
        fix="Number the classes by sorted names.",
        location=seen.location,
        subject="numbers",
        rewrites=("sort-names",),
    )


CHECK = Check("C329", "order-of-pictures-and-labels", needs=("program",), judge=judge)
