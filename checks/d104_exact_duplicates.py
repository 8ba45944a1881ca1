"""The same picture several times in one class of one split.

What it looks for: equal size and equal RGB pixels as the network sees them, whatever the file format.

Why it matters: copies weigh double in the loss and make the set look larger than it is. Different files that
become the same picture (transparent drawings, all black once the alpha channel is dropped) carry no label.

Example: a crawler that saved one photograph under two names.

Fix: keep one file of each group.

Source: Barz and Denzler 2020, "Do we train on test data?", found 3 to 10% near-duplicates in CIFAR; the
limit of 1% below which this is only worth knowing is ours.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Evidence, Finding, Severity

WARN_SHARE = 0.01


def judge(evidence: Evidence) -> Iterator[Finding]:
    data, groups = evidence.data, evidence.data.duplicates
    if groups.sets:
        extra = groups.files - groups.sets
        share = extra / data.images
        yield Finding(
            Severity.WARNING if share >= WARN_SHARE else Severity.INFO,
            summary=f"{extra} images ({share:.1%}) repeat another image of their class, pixel for pixel.",
            fix="Keep one file of each group; look first at whether they should be the same picture at all.",
            measured={"copies": extra, "groups": groups.sets, "share": share},
            files=tuple(" = ".join(group) for group in groups.examples),
        )


CHECK = Check("D104", "exact-duplicates", needs=("data",), judge=judge)
