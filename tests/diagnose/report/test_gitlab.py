"""GitLab's Code Quality report, held to the format that its documentation gives."""

import json

import pytest
from builders import ERROR, INFO, WARNING
from jsonschema import validate

from diagnose.model import CheckResult, Diagnosis, Evidence, Finding, Location
from diagnose.report import render
from diagnose.report.subject import Subject

DOCUMENTED = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!/|\./)."},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "train.py").write_text("import torch\nlr = 100\n")
    (tmp_path / "work" / "photos").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def issues(*findings, subject):
    results = tuple(CheckResult(one.code, one.name, "failed", 0.0, findings=(one,)) for one in findings)
    diagnosis = Diagnosis("1.0", "2026-01-01", 1.0, Evidence(), results, ())
    found = json.loads(render(diagnosis, "gitlab", subject))
    validate(found, DOCUMENTED)
    return {issue["fingerprint"]: issue for issue in found}


def found(code, severity, **more):
    return Finding(severity, "It is 100.", "Write 0.1.", code=code, name="fault", fingerprint=code, **more)


def test_every_finding_has_a_line_of_the_repository(project):
    told = issues(
        found("C302", ERROR, location=Location("train.py", 2)),
        found("D104", WARNING),
        found("C320", INFO, location=Location("/elsewhere/x.ipynb", 3, 2)),
        subject=Subject("photos", "train.py"),
    )
    assert told["C302"] == {
        "description": "It is 100. Fix: Write 0.1.",
        "check_name": "C302 fault",
        "fingerprint": "C302",
        "severity": "critical",
        "location": {"path": "work/train.py", "lines": {"begin": 2}},
    }
    assert told["D104"]["location"] == {"path": "work/train.py", "lines": {"begin": 1}}
    assert [told[code]["severity"] for code in ("D104", "C320")] == ["major", "info"]
    assert told["C320"]["description"] == "It is 100. (/elsewhere/x.ipynb:cell 2:3) Fix: Write 0.1."


def test_without_a_program_a_finding_stands_at_the_images_folder(project):
    told = issues(found("D104", WARNING), subject=Subject("photos"))
    assert told["D104"]["location"]["path"] == "work/photos"


def test_nothing_found_is_an_empty_array(project):
    assert issues(subject=Subject("photos")) == {}
