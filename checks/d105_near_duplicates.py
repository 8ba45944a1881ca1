"""Pictures of one class that look the same without being equal.

What it looks for: re-encoded, resized or slightly edited copies in one class of one split, proposed by two difference
hashes of 64 bits and confirmed on their pixels. Equal pixels are D104's, copies across splits D106's, across classes
D107's.

Why it matters: the set is smaller than it looks, and a random split of it would leak.

Example: consecutive frames of a film; one photograph in three sizes.

Fix: keep one of each set; where they are frames of one scene, split by scene.

Source: Barz and Denzler 2020, "Do we train on test data?": 3 to 10% in CIFAR; Krawetz 2013 for the hash. The limit of
5% below which this is only worth knowing is ours.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity

WARN_SHARE = 0.05


def judge(evidence: Evidence) -> Iterator[Finding]:
    data, groups = evidence.data, evidence.data.near_duplicates
    if groups.sets:
        extra = groups.files - groups.sets
        share = extra / data.images
        yield Finding(
            Severity.WARNING if share >= WARN_SHARE else Severity.INFO,
            summary=f"{extra} images ({share:.1%}) look the same as another image of their class.",
            fix="Keep one of each set; where they are frames of one scene, split by scene.",
            measured={"copies": extra, "sets": groups.sets, "share": share},
            files=tuple(" ~ ".join(group) for group in groups.examples),
            confidence=Confidence.LIKELY,
        )


CHECK = Check("D105", "near-duplicates", needs=("data",), judge=judge)
