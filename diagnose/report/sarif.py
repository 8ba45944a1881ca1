"""The Diagnosis as SARIF 2.1.0: for code scanning, which shows findings at the lines of the program.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) 2.1.0, 2020.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from diagnose.model import Check, CheckResult, Diagnosis, Finding, Severity, printable
from diagnose.registry import explanation, load_checks

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
FINGERPRINT = "diagnose/v1"


def render_sarif(diagnosis: Diagnosis) -> str:
    """One run with a rule a check, a result a finding, and a notification for what was not examined."""
    checks = load_checks()
    rules = {result.code: number for number, result in enumerate(diagnosis.results)}
    run = {
        "tool": {
            "driver": {
                "name": "diagnose",
                "version": diagnosis.tool_version,
                "rules": [_rule(result, checks[result.code]) for result in diagnosis.results],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"uri": f"{Path.cwd().as_uri()}/"}},
        "invocations": [
            {
                "executionSuccessful": not (diagnosis.incomplete or diagnosis.interrupted),
                "startTimeUtc": diagnosis.started.replace("+00:00", "Z"),
                "toolExecutionNotifications": [
                    {
                        "level": "error" if gap.failed else "note",
                        "message": {"text": printable(f"{gap.code} was not examined: {gap.why}")},
                    }
                    for gap in diagnosis.not_examined
                ],
            }
        ],
        "results": [_result(finding, rules[finding.code]) for finding in diagnosis.findings],
        "properties": {"verdict": printable(diagnosis.verdict)},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(result: CheckResult, check: Check) -> dict[str, Any]:
    about, *more = explanation(check).split("\n\n")
    return {
        "id": result.code,
        "name": "".join(word.title() for word in result.name.split("-")),
        "shortDescription": {"text": about},
        "help": {"text": "\n\n".join(more) or about},
    }


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": LEVELS[finding.severity],
        "message": {"text": printable(f"{finding.summary} Fix: {finding.fix}")},
        "locations": [_place(finding)] if finding.location else [],
        "partialFingerprints": {FINGERPRINT: finding.fingerprint},
        "properties": {
            "name": finding.name,
            "confidence": finding.confidence,
            "files": [printable(file) for file in finding.files],
            **({"becauseOf": finding.because_of} if finding.because_of else {}),
        },
    }


def _place(finding: Finding) -> dict[str, Any]:
    """A line of a program or configuration. Below the current folder the path begins there."""
    at = finding.location
    assert at is not None
    path = os.path.relpath(at.file)
    inside = not path.startswith("..")
    where = {"uri": quote(Path(path).as_posix()), "uriBaseId": "SRCROOT"} if inside else {
        "uri": Path(at.file).absolute().as_uri()
    }  # fmt: skip
    place: dict[str, Any] = {"artifactLocation": where}
    if at.line and at.cell is None:  # a notebook's lines are those of a cell, not of the file
        place["region"] = {"startLine": at.line}
    return {"physicalLocation": place}
