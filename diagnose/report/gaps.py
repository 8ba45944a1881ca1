"""What was not examined, by its reason: one line for all the checks that lack the same."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Diagnosis, printable


def by_reason(diagnosis: Diagnosis) -> Iterator[tuple[bool, str, str]]:
    """Whether it failed (in place of not being asked for), the codes, and why."""
    groups: dict[tuple[bool, str], list[str]] = {}
    for gap in diagnosis.not_examined:
        groups.setdefault((gap.failed, gap.why), []).append(gap.code)
    for (failed, why), codes in groups.items():
        yield failed, ", ".join(codes), printable(why)
