"""Labels that belong to other pictures.

What it looks for: the class folder of each file that was read, beside the label that came with it. One folder's images
carry many labels and no label prevails, in a dataset whose classes are its folders.

Why it matters: the network is asked to learn noise. It memorises, and on validation images stays at chance.

Example: two lists from glob, of which one is sorted; images shuffled without their labels.

Fix: keep picture and label together: one list of pairs, shuffled as pairs.

Source: by chance a folder's label prevails in one of k images; 95% Wilson interval of the share that its commonest
label has.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, NotExamined, Severity

FEWEST = 24  # images of known file
PREVAILS = 0.7  # share of a folder's images that its label has at least where labels belong to folders


def judge(evidence: Evidence) -> Iterator[Finding]:
    folders = set(evidence.data.classes)
    for feed in evidence.run.feeds:
        known = [(folder, label, count) for folder, label, count in feed.folders if folder in folders]
        images = sum(count for _, _, count in known)
        names = {folder for folder, _, _ in known}
        if images < FEWEST or images < PREVAILS * feed.files_known or not _of_these_classes(evidence, known):
            continue
        most = sum(max(count for one, _, count in known if one == folder) for folder in names)
        chance = sum(count for _, _, count in known) / len(evidence.data.classes)
        if most / images < PREVAILS and len(names) * 3 < images:
            yield Finding(
                Severity.ERROR,
                summary=f"Labels do not go with the pictures: of {images} {feed.part} images, {most / images:.0%} "
                "carry the label that is commonest in their class folder.",
                fix="Keep each picture and its label together: one list of pairs, sorted and shuffled as pairs.",
                measured={"images": images, "agree": most / images, "by_chance": chance / images},
                location=feed.location,
                confidence=Confidence.CERTAIN,
                subject=feed.part,
            )
    if not any(feed.files_known >= FEWEST for feed in evidence.run.feeds):
        raise NotExamined("the run did not see from which file each image comes")


def _of_these_classes(evidence: Evidence, known: list[tuple[str, int, int]]) -> bool:
    """Whether labels stand for the dataset's classes, and not for finer ones, each of which lies in one of them."""
    classes = len(evidence.data.classes)
    if evidence.run.network is not None and evidence.run.network.outputs == classes > 1:
        return True
    in_several = {label for _, label, _ in known if len({one for one, other, _ in known if other == label}) > 1}
    return len(in_several) > 1


CHECK = Check("R605", "labels-out-of-step", needs=("run.training", "data"), judge=judge)
