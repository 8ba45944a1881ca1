"""The configuration beside another one."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from diagnose.model import Difference
from diagnose.report.response.part import AsIs, Part


def _keyed(*keys: str) -> BeforeValidator:
    """Rows as objects with these keys."""
    return BeforeValidator(lambda rows: [dict(zip(keys, row, strict=True)) for row in rows])


Codes = Annotated[tuple[str, ...], BeforeValidator(lambda findings: [finding.code for finding in findings])]


class NotCompared(Part):
    """A factor that one of the two leaves unknown."""

    factor: str
    why: str


class Convention(Part):
    """What the frameworks do differently where nothing is said."""

    what: str
    keras: str
    pytorch: str


class Against(Part):
    """In what the two differ, and the findings on one that the other does not have."""

    this: str
    other: str
    verdict: str
    differences: Annotated[tuple[Difference, ...], AsIs()]
    chance: bool
    alike: tuple[str, ...]
    not_compared: Annotated[tuple[NotCompared, ...], _keyed("factor", "why")]
    faults_here: Codes
    faults_there: Codes
    conventions: Annotated[tuple[Convention, ...], _keyed("what", "keras", "pytorch")]
