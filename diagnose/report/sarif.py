"""The Diagnosis as SARIF 2.1.0: for code scanning, which shows findings at the lines of the program.

Sources: OASIS, Static Analysis Results Interchange Format (SARIF) 2.1.0, 2020; GitHub, SARIF support for code scanning:
one result without a file makes it refuse the whole upload, so each has one (`diagnose.report.place`).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from diagnose.model import Check, CheckResult, Diagnosis, Finding, Severity, area, printable
from diagnose.registry import explanation, load_checks
from diagnose.report.gfm import documentation
from diagnose.report.place import Place, message, place_of, repository
from diagnose.report.subject import Subject

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
FINGERPRINT = "diagnose/v1"
LINE_HASH = "primaryLocationLineHash"  # GitHub knows a result again by it
MOST_RESULTS = 25_000  # of one run; GitHub refuses more
LONGEST_NAME, LONGEST_DESCRIPTION = 255, 1024  # characters that GitHub shows


def render_sarif(diagnosis: Diagnosis, subject: Subject | None = None) -> str:
    """One run with a rule a check, a result a finding, and a notification for what was not examined. subject: what was
    examined; findings without a place of their own stand at the head of its program."""
    checks, findings = load_checks(), diagnosis.findings
    rules = {result.code: number for number, result in enumerate(diagnosis.results)}
    root = {"uri": f"{repository().as_uri()}/"}
    run = {
        "tool": {
            "driver": {
                "name": "diagnose",
                "version": diagnosis.tool_version,
                "rules": [_rule(result, checks[result.code]) for result in diagnosis.results],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": root},
        "invocations": [
            {
                "executionSuccessful": not (diagnosis.incomplete or diagnosis.interrupted),
                "startTimeUtc": diagnosis.started.replace("+00:00", "Z"),
                "workingDirectory": root,
                "toolExecutionNotifications": _notifications(diagnosis),
            }
        ],
        "results": [
            _result(finding, rules[finding.code], place_of(finding, diagnosis, subject or Subject()))
            for finding in findings[:MOST_RESULTS]
        ],
        "properties": {"verdict": printable(diagnosis.verdict)},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _notifications(diagnosis: Diagnosis) -> list[dict[str, Any]]:
    """What was not examined, and how many findings are left out."""
    notes = [
        ("error" if gap.failed else "note", f"{gap.code} was not examined: {gap.why}") for gap in diagnosis.not_examined
    ]
    if (more := len(diagnosis.findings) - MOST_RESULTS) > 0:
        notes.append(("warning", f"{more:,} findings are left out: code scanning takes {MOST_RESULTS:,}"))
    return [{"level": level, "message": {"text": printable(text)}} for level, text in notes]


def _rule(result: CheckResult, check: Check) -> dict[str, Any]:
    about, *more = explanation(check).split("\n\n")
    text = "\n\n".join(more) or about
    return {
        "id": result.code,
        "name": "".join(word.title() for word in result.name.split("-"))[:LONGEST_NAME],
        "shortDescription": {"text": _shortened(about)},
        "fullDescription": {"text": _shortened(more[0] if more else about)},
        "help": {"text": text, "markdown": documentation(text)},
        "properties": {"tags": [area(result.code)]},
    }


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_DESCRIPTION else f"{text[: LONGEST_DESCRIPTION - 1]}…"


def _result(finding: Finding, rule: int, place: Place) -> dict[str, Any]:
    marks = {FINGERPRINT: finding.fingerprint}
    if not place.own:  # GitHub would take all that stands at the head of a file for one
        marks[LINE_HASH] = f"{finding.fingerprint}:1"
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": LEVELS[finding.severity],
        "message": {"text": message(finding, place)},
        "locations": [{"physicalLocation": _physical(place)}],
        "partialFingerprints": marks,
        "properties": {
            "name": finding.name,
            "confidence": finding.confidence,
            "files": [printable(file) for file in finding.files],
            **({"becauseOf": finding.because_of} if finding.because_of else {}),
        },
    }


def _physical(place: Place) -> dict[str, Any]:
    """A region of whole lines. In the repository the path begins at its root."""
    uri = {"uri": quote(os.fsencode(place.path)), "uriBaseId": "SRCROOT"} if place.inside else {
        "uri": Path(place.path).as_uri()
    }  # fmt: skip
    region = {"startLine": place.line, "startColumn": 1, "endLine": place.line, "endColumn": place.end}
    return {"artifactLocation": uri, "region": region}
