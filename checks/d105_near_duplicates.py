"""Near-duplicate images in one class.

What it looks for: copies in one class of one split that were encoded again, resized, brightened, blurred, cropped,
turned or mirrored. Each picture's nearest others are laid over it as well as they will go; a copy is what agrees in its
fine structure and colour, and stands out from the other pairs of its class. Equal pixels are D104's, copies across
splits D106's, across classes D107's.

Why it matters: the set is smaller than it looks, and a random split of it would leak.

Example: consecutive frames of a film; one photograph in three sizes.

Fix: keep one of each set; where they are frames of one scene, split by scene.

When it is wrong: two photographs of one scene a moment apart, which are copies for a split but not for an eye; sets in
which all pictures are nearly the same, such as frames of a fixed camera.

Source: Barz and Denzler 2020, "Do we train on test data?": 3 to 10% in CIFAR; Lucas and Kanade 1981 for laying pictures
over one another. The limit of 5% below which this is only worth knowing is ours.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

WARN_SHARE = 0.05


def judge(evidence: Evidence) -> Iterator[Finding]:
    data = evidence.searched_data
    groups = data.near_duplicates
    if groups.sets:
        extra = groups.files - groups.sets
        share = extra / data.images
        yield Finding(
            Severity.WARNING if share >= WARN_SHARE else Severity.INFO,
            summary=f"{extra} images ({share:.1%}) are near-duplicates of another image of their class.",
            fix="Keep one of each set; where they are frames of one scene, split by scene.",
            measured={"copies": extra, "sets": groups.sets, "share": share},
            files=tuple(" ~ ".join(group) for group in groups.examples),
            confidence=Confidence.LIKELY,
        )


CHECK = Check("D105", "near-duplicates", needs=("data",), judge=judge)
