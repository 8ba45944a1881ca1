"""One patient, video or scene on both sides of a split.

What it looks for: names of files or folders that say whom or what an image is of, such as patient012_3.png,
clip03_frame0007.jpg or slide_17/004.png, where at least four of five images have such a name, and series that both the
training split and a validation or test split have. A camera or site with more than a fifth of all images doesn't count
as a series.

Why it matters: images of one series are alike without being copies. The network recognises the patient, the plate or
the room, and the score on validation images says nothing about new ones.

Example: a random split of the frames of 40 videos.

Fix: split by series: GroupShuffleSplit or StratifiedGroupKFold with the series as groups.

When it is wrong: where the numbers behind such a word count something else.

Source: Kapoor and Narayanan 2023, "Leakage and the reproducibility crisis in machine-learning-based science"; Tampu et
al. 2022: splitting optical coherence tomography images by slice, and not by subject, raised accuracies by up to 30
points.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

WARN_SHARE = 0.05  # of the split's images, from which on it is a warning


def judge(evidence: Evidence) -> Iterator[Finding]:
    for one in evidence.data.series_leaks:
        share = one.images / one.of
        yield Finding(
            Severity.WARNING if share >= WARN_SHARE else Severity.INFO,
            summary=f"{one.images} of {one.of} {one.split} images ({share:.0%}) are of a {one.word} that train has too "
            f"({one.series} of them), by their names.",
            fix=f"Split by {one.word}: GroupShuffleSplit or StratifiedGroupKFold with the {one.word} as group.",
            measured={"split": one.split, "series": one.series, "share": round(share, 4)},
            files=tuple(" ~ ".join(pair) for pair in one.examples),
            confidence=Confidence.LIKELY,
            subject=one.split,
        )


CHECK = Check("D123", "series-across-splits", needs=("data",), judge=judge)
