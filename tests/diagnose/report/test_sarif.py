"""What GitHub's code scanning asks of an upload, by its own documentation, "SARIF support for code scanning"."""

import gzip
import json
import os

import pytest
from builders import ERROR, INFO, WARNING
from sarif_pydantic import Sarif

from diagnose.model import CheckResult, Diagnosis, Evidence, Finding, Gap, Location
from diagnose.registry import load_checks
from diagnose.report import render, sarif
from diagnose.report.sarif import render_sarif
from diagnose.report.subject import Subject

HARM = "\x1b[31m <script> \udcff"


def found(code="D104", severity=WARNING, number=0, **more):
    mark, name = f"{code}-{number}", load_checks()[code].name
    return Finding(severity, f"Fault {number}.", "Fix it.", code=code, name=name, fingerprint=mark, **more)


def diagnosed(*findings, gaps=()):
    """A diagnosis for which every check ran, so that all of them are rules."""
    results = tuple(
        CheckResult(code, check.name, "failed", 0.0, findings=tuple(one for one in findings if one.code == code))
        for code, check in load_checks().items()
    )
    return Diagnosis("1.0", "2026-01-01T00:00:00+00:00", 1.0, Evidence(), results, tuple(gaps))


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "train.py").write_text("import torch\nlr = 100\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(project):
    """With findings of every kind of place: a line, none, a notebook, another folder, a name of any bytes."""
    findings = (
        found("C302", ERROR, location=Location("a b/train.py", 2)),
        found("D104", files=(HARM,)),
        found("D105"),
        found("C320", INFO, location=Location("train.ipynb", 3, 2)),
        found("C319", location=Location("/elsewhere/t.py", 9)),
        found("C305", location=Location(os.fsdecode(b"\xff%.py"), 1)),
    )
    text = render(diagnosed(*findings, gaps=(Gap("M401", HARM, True),)), "sarif", Subject("photos", "a b/train.py"))
    Sarif.model_validate_json(text)
    return json.loads(text)["runs"][0]


def physical(result):
    (location,) = result["locations"]
    return location["physicalLocation"]


def by_rule(run):
    return {result["ruleId"]: result for result in run["results"]}


def test_every_property_that_is_required_is_there_and_not_empty(run):
    driver = run["tool"]["driver"]
    assert driver["name"]
    for rule in driver["rules"]:
        assert rule["id"]
        for text in ("shortDescription", "fullDescription", "help"):
            assert rule[text]["text"].strip()
    assert len(run["results"]) == 6
    for result in run["results"]:
        assert result["message"]["text"].strip()
        assert result["partialFingerprints"]
        place = physical(result)
        assert place["artifactLocation"]["uri"]
        region = place["region"]
        assert region["startLine"] >= 1
        assert region["endLine"] >= region["startLine"]
        assert region["endColumn"] > region["startColumn"] >= 1


def test_texts_keep_to_the_lengths_that_are_shown_and_tags_to_their_number(run):
    for rule in run["tool"]["driver"]["rules"]:
        assert len(rule["name"]) <= 255
        assert len(rule["shortDescription"]["text"]) <= 1024
        assert len(rule["fullDescription"]["text"]) <= 1024
        assert len(rule["properties"]["tags"]) <= 10
    assert any(rule["fullDescription"]["text"].endswith("…") for rule in run["tool"]["driver"]["rules"])


def test_rules_say_of_all_checks_what_explain_prints(run):
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert set(rules) == set(load_checks())
    assert "Why it matters: the loss rises" in rules["C302"]["help"]["text"]
    assert "**Why it matters.** the loss rises" in rules["C302"]["help"]["markdown"]
    assert not any("<" in rule["help"]["markdown"] for rule in rules.values())


def test_uris_are_relative_to_the_repository_or_have_the_scheme_of_its_root(run, project):
    root = run["invocations"][0]["workingDirectory"]["uri"]
    assert root == run["originalUriBaseIds"]["SRCROOT"]["uri"] == f"{project.resolve().as_uri()}/"
    uris = {code: physical(result)["artifactLocation"]["uri"] for code, result in by_rule(run).items()}
    assert uris == {
        "C302": "a%20b/train.py", "D104": "a%20b/train.py", "D105": "a%20b/train.py", "C320": "train.ipynb",
        "C319": "file:///elsewhere/t.py", "C305": "%FF%25.py",
    }  # fmt: skip


def test_a_line_is_marked_as_a_whole(run):
    assert physical(by_rule(run)["C302"])["region"] == {
        "startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": len("lr = 100") + 1,
    }  # fmt: skip


def test_what_stands_at_the_head_of_a_file_keeps_apart_and_what_has_a_line_is_left_to_the_upload(run):
    hashes = {code: one["partialFingerprints"].get("primaryLocationLineHash") for code, one in by_rule(run).items()}
    assert hashes == {
        "C302": None, "C319": None, "C305": None, "D104": "D104-0:1", "D105": "D105-0:1", "C320": "C320-0:1",
    }  # fmt: skip


def test_no_more_results_than_are_taken(project, monkeypatch):
    monkeypatch.setattr(sarif, "MOST_RESULTS", 3)
    many = [found("D104", number=number) for number in range(3)] + [found("C302", ERROR), found("C320", INFO)]
    run = json.loads(render_sarif(diagnosed(*many)))["runs"][0]
    assert len(run["results"]) == 3
    assert run["results"][0]["ruleId"] == "C302"  # the gravest are kept
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert notes[-1]["message"]["text"] == "2 findings are left out: code scanning takes 3"


def test_the_documented_limit_fits_into_an_upload(project):
    many = [found("D104", number=number) for number in range(300)]
    whole = len(gzip.compress(render_sarif(diagnosed(*many)).encode()))
    bare = len(gzip.compress(render_sarif(diagnosed()).encode()))
    assert bare + (whole - bare) / 300 * 25_000 < 10_000_000
    assert sarif.MOST_RESULTS == 25_000


def test_no_control_character_is_passed_on(run):
    assert "\\x1b[31m" in by_rule(run)["D104"]["properties"]["files"][0]
    assert "\\x1b[31m" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_without_a_subject_every_finding_has_a_place_all_the_same(project):
    run = json.loads(render_sarif(diagnosed(found("D104"))))["runs"][0]
    assert physical(run["results"][0])["artifactLocation"] == {"uri": "diagnose.toml", "uriBaseId": "SRCROOT"}
