"""What the checks found, and how each ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator

from diagnose.model import Confidence, Location, Severity
from diagnose.report.response.part import AsIs, Part, at

OrNull = Annotated[str | None, BeforeValidator(lambda text: text or None)]


def _counted(severity: Severity) -> BeforeValidator:
    return BeforeValidator(lambda findings: sum(finding.severity is severity for finding in findings))


class Found(Part):
    """One fault."""

    code: str
    name: str
    severity: Severity
    summary: str
    measured: Annotated[Mapping[str, Any], AsIs()] = at(
        "measured", "What the check measured, by name; its keys are the check's own."
    )
    fix: str
    files: tuple[str, ...]
    location: Annotated[Location | None, AsIs()]
    confidence: Confidence
    fingerprint: str = at(
        "fingerprint", "The same for the same fault from run to run, whatever the numbers; for baselines."
    )
    because_of: OrNull = at(
        "because_of",
        "The fingerprint of the finding that this one follows from or gives way to, null for a cause of its own. It "
        "stands behind that one in the list.",
    )
    because: OrNull = at(
        "because", "How this one follows from that finding, or why it gives way to it: a clause that names its code."
    )


class Checked(Part):
    """How one check ended: passed, failed, skipped or crashed. why: of the last two."""

    code: str
    name: str
    state: str
    seconds: Annotated[float, BeforeValidator(lambda seconds: round(seconds, 6))]
    why: OrNull


class Summary(Part):
    """Findings by severity, and the verdict in plain sentences."""

    errors: Annotated[int, _counted(Severity.ERROR)] = at("findings")
    warnings: Annotated[int, _counted(Severity.WARNING)] = at("findings")
    infos: Annotated[int, _counted(Severity.INFO)] = at("findings")
    verdict: str
