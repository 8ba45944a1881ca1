"""The Diagnosis as GitLab's Code Quality report, which merge requests show at the lines of the program.

Source: GitLab, Code Quality: the report format, a part of Code Climate's.
"""

from __future__ import annotations

import json
import os
from typing import Any

from diagnose.model import Diagnosis, Finding, Severity, printable
from diagnose.report.place import Place, message, place_of, repository
from diagnose.report.subject import Subject

# GitLab's words are info, minor, major, critical and blocker.
SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}


def render_gitlab(diagnosis: Diagnosis, subject: Subject | None = None) -> str:
    """A JSON array with an issue for each finding. subject: what was examined; findings without a place of their own
    stand at the head of its program."""
    shown = subject or Subject()
    issues = [_issue(finding, place_of(finding, diagnosis, shown)) for finding in diagnosis.findings]
    return json.dumps(issues, indent=2) + "\n"


def _issue(finding: Finding, place: Place) -> dict[str, Any]:
    """GitLab takes relative paths alone, without ./ before them, and shows one issue for each fingerprint."""
    path = place.path if place.inside else os.path.relpath(place.path, repository())
    return {
        "description": message(finding, place),
        "check_name": f"{finding.code} {finding.name}",
        "fingerprint": finding.fingerprint,
        "severity": SEVERITIES[finding.severity],
        "location": {"path": printable(path), "lines": {"begin": place.line}},
    }
