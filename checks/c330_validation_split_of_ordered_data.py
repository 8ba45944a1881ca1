"""Validation images that are the last part of images listed class by class.

What it looks for: validation_split (or a slice at the end) of arrays that a loop over the classes fills and nothing
mixes; image_dataset_from_directory(validation_split=…, shuffle=False), which lists its files folder by folder; skorch's
ValidSplit(5) without stratified=True, which takes the first part. Reported
only where the order is certain; the arrays of a public dataset are mixed already.

Why it matters: the last part holds the last classes. The network never trains on them and is measured on them alone:
the validation accuracy is near zero. shuffle=True of fit() does not help, since Keras splits first and shuffles the
rest.

Example: for label, name in enumerate(names): for file in os.listdir(name): labels.append(label); then
model.fit(images, labels, validation_split=0.2).

Fix: mix images and labels together before fit(), or use train_test_split(…, stratify=labels).

When it is wrong: where images are shuffled by code that isn't recognised as shuffling.

Source: the documentation of tf.keras.Model.fit: "The validation data is selected from the last samples in the x and y
data provided, before shuffling".
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, OrderedSplit, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    for seen in evidence.program.facts(OrderedSplit):
        line = f" (line {seen.labels})" if seen.labels else ""
        end = "first" if seen.first else "last"
        where = f"the images are listed class by class{line}" if seen.arrays else "the files are listed class by class"
        yield Finding(
            Severity.ERROR,
            summary=f"Validation takes the {end} images by {seen.how}, and {where}: the {end} classes are never "
            "trained on, and alone are measured.",
            fix=_fix(seen),
            measured={"how": seen.how},
            location=seen.location,
            rewrites=("mix-before-split",) if seen.arrays and not seen.first else (),
        )


def _fix(seen: OrderedSplit) -> str:
    if seen.first:
        return "Use ValidSplit(5, stratified=True), skorch's own default."
    if seen.arrays:
        return (
            "Mix images and labels together before the split, or split with train_test_split(…, stratify=labels); "
            "shuffling the training part comes too late."
        )
    if seen.how == "shuffle=False":
        return "Use shuffle=True and the same seed for both subsets."
    return "Take the indices from one torch.randperm(len(dataset)) with a fixed seed, or use random_split()."


CHECK = Check("C330", "validation-split-of-ordered-data", needs=("program",), judge=judge)
