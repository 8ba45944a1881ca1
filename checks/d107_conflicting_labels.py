"""One picture under two classes.

What it looks for: equal size and equal RGB pixels in two classes of the same split, and pictures that look the same:
re-encoded, resized or slightly edited copies.

Why it matters: no model can be right about both, and each such picture teaches the opposite of itself.

Example: a photograph of a cat on a sofa, saved under cat/ and sofa/.

Fix: decide on one class, or make it a task with several labels per image.

Source: the definition of single-label classification.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Check, Confidence, Evidence, Finding, Severity


def judge(evidence: Evidence) -> Iterator[Finding]:
    data = evidence.searched_data
    groups, near = data.conflicts, data.near_conflicts
    if near.sets:
        yield Finding(
            Severity.WARNING,
            summary=f"{near.sets} pictures stand under more than one class in copies that look the same "
            f"({near.files} files).",
            fix="Look at each; decide on one class where they are the same picture.",
            measured={"pictures": near.sets, "files": near.files},
            files=tuple(" ~ ".join(group) for group in near.examples),
            confidence=Confidence.LIKELY,
            subject="near",
        )
    if groups.sets:
        yield Finding(
            Severity.WARNING,
            summary=f"{groups.sets} pictures stand under more than one class ({groups.files} files).",
            fix="Decide on one class for each, and remove the others.",
            measured={"pictures": groups.sets, "files": groups.files},
            files=tuple(" = ".join(group) for group in groups.examples),
        )


CHECK = Check("D107", "conflicting-labels", needs=("data",), judge=judge)
