"""Every format holds every finding, read by something that is not ours; and nothing in a name becomes markup."""

import io
import json
from html.parser import HTMLParser

import pytest
from builders import ERROR, INFO, WARNING, attribution, comparison, dataset, learning_rate, probe_run, probes
from junitparser import JUnitXml
from markdown_it import MarkdownIt
from sarif_pydantic import Sarif

from diagnose.model import CheckResult, ClassRow, Diagnosis, Evidence, Finding, Gap, InputError, Location
from diagnose.report import render
from diagnose.report.comment import render_comment
from diagnose.report.html import render_html
from diagnose.report.json import render_json
from diagnose.report.junit import render_junit
from diagnose.report.markdown import render_markdown
from diagnose.report.sarif import render_sarif
from diagnose.report.text import render_text

HARM = "<script>alert(1)</script> | `x` **b** [l](u)\x1b[31m\n# h ]]> &amp;"


def finding(code, name, severity, summary, **more):
    return Finding(severity, summary, f"Mend {code}.", {"value": 3}, code=code, name=name, fingerprint=code * 4, **more)


@pytest.fixture
def diagnosis(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = [
        finding("C302", "learning-rate-too-high", ERROR, "The rate is too high.", location=Location("a b/train.py", 7)),
        finding("D104", "exact-duplicates", WARNING, f"Two are one: {HARM}", files=(HARM, "cat/b.jpg")),
        finding("C320", "no-seed", INFO, "No seed.", location=Location("/elsewhere/x.ipynb", 3, 2)),
    ]
    results = [CheckResult(one.code, one.name, "failed", 0.1, findings=(one,)) for one in found]
    results += [
        CheckResult("D109", "class-imbalance", "passed", 0.0),
        CheckResult("C301", "pretrained-claimed-but-random", "skipped", 0.0, HARM),
        CheckResult("M401", "differs-from-resnet50", "crashed", 0.0, "KeyError: 1"),
    ]
    evidence = Evidence(
        dataset(table=(ClassRow(HARM, "train", 10, 0, 64, 48, 0.5, 1500),)),
        None,
        probes(
            probe_run("scratch"),
            comparison=comparison(0.1, 0.2),
            learning_rate=learning_rate(1.0, 0.1),
            attribution=attribution(("weights", 0.1, 0.3)),
        ),
    )
    gaps = (Gap("C301", HARM), Gap("M401", "KeyError: 1", failed=True))
    return Diagnosis("1.0", "2026-01-01T00:00:00+00:00", 1.0, evidence, tuple(results), gaps)


class Text(HTMLParser):
    """What a browser would show."""

    def __init__(self, page):
        super().__init__()
        self.text, self.tags = "", []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def test_no_format_loses_a_finding(diagnosis):
    texts = {
        "text": render_text(diagnosis),
        "json": render_json(diagnosis),
        "markdown": Text(
            MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(render_markdown(diagnosis))
        ).text,
        "html": Text(render_html(diagnosis)).text,
        "sarif": render_sarif(diagnosis),
        "junit": render_junit(diagnosis),
        "gitlab": render(diagnosis, "gitlab"),
        "comment": Text(
            MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(render_comment(diagnosis))
        ).text,
    }
    for name, text in texts.items():
        for one in diagnosis.findings:
            assert one.code in text, name
            assert one.summary.split(":")[0] in text, name
            assert one.fix in text, name


def test_sarif_as_its_own_reader_sees_it(diagnosis):
    run = Sarif.model_validate_json(render_sarif(diagnosis)).runs[0]
    assert [result.level.value for result in run.results] == ["error", "warning", "note"]
    rules = [rule.id for rule in run.tool.driver.rules]
    for result in run.results:
        assert rules[result.rule_index] == result.rule_id
    place = run.results[0].locations[0].physical_location
    assert place.artifact_location.uri == "a%20b/train.py"
    assert place.artifact_location.uri_base_id == "SRCROOT"
    assert place.region.start_line == 7
    elsewhere = run.results[2].locations[0].physical_location
    assert elsewhere.artifact_location.uri == "file:///elsewhere/x.ipynb"
    assert elsewhere.region.start_line == 1  # the line of a cell is no line of the file
    assert "(/elsewhere/x.ipynb:cell 2:3)" in run.results[2].message.text
    assert run.results[0].partial_fingerprints == {"diagnose/v1": "C302" * 4}  # upload-sarif adds the line's own
    assert run.invocations[0].execution_successful is False


def test_junit_as_a_reader_sees_it(diagnosis):
    xml = JUnitXml.fromstring(render_junit(diagnosis).encode())
    (suite,) = xml
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (6, 2, 1, 1)
    cases = {case.name.split()[0]: case for case in suite}
    assert cases["C302"].classname == "diagnose.configuration"
    assert cases["C302"].result[0].type == "error"
    assert "a b/train.py:7" in cases["C302"].result[0].text
    assert cases["D104"].result[0].type == "warning"
    assert not cases["C320"].result
    assert "No seed." in cases["C320"].system_out
    assert "\x1b" not in render_junit(diagnosis)


def test_markdown_lets_no_name_become_markup(diagnosis):
    page = Text(MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(render_markdown(diagnosis)))
    assert "script" not in page.tags
    assert not {"h1", "a", "code"} & set(page.tags)
    assert page.tags.count("table") == 4
    assert "\x1b" not in render_markdown(diagnosis)
    assert "<script>alert(1)</script> | `x` **b** [l](u)" in page.text


def test_json_findings_carry_what_a_baseline_needs(diagnosis):
    told = json.load(io.StringIO(render_json(diagnosis)))
    assert [one["fingerprint"] for one in told["findings"]] == ["C302" * 4, "D104" * 4, "C320" * 4]


@pytest.fixture
def folded():
    """A rate that is too high, and the diverged probe that follows from it."""
    found = [
        finding("P503", "probe-diverged", ERROR, "Probes diverged."),
        finding("C302", "learning-rate-too-high", ERROR, "The rate is too high.", location=Location("train.py", 7)),
        finding("D104", "exact-duplicates", WARNING, "Two are one."),
    ]
    results = tuple(CheckResult(one.code, one.name, "failed", 0.1, findings=(one,)) for one in found)
    return Diagnosis("1.0", "2026-01-01T00:00:00+00:00", 1.0, Evidence(), results, ())


WHY = "follows from C302: the learning rate is too high"


def test_text_folds_a_consequence_into_a_line_below_its_cause(folded):
    lines = render_text(folded).splitlines()
    assert lines[0].startswith(
        "Verdict: Do not start the full training run yet. The rate is too high (train.py:7). Fix: "
    )
    place = next(number for number, line in enumerate(lines) if line.startswith("✗ C302"))
    (below,) = [number for number, line in enumerate(lines) if "P503" in line]
    assert place < below < place + 6
    assert lines[below] == f"    ✗ P503 error probe-diverged: Probes diverged. F{WHY[1:]}."
    assert "Mend P503." not in render_text(folded)


def test_json_keeps_consequences_and_says_what_they_follow_from(folded):
    told = json.loads(render_json(folded))
    assert [(one["code"], one["because_of"], one["because"]) for one in told["findings"]] == [
        ("C302", None, None), ("P503", "C302" * 4, WHY), ("D104", None, None),
    ]  # fmt: skip
    assert told["summary"]["errors"] == 2
    assert told["findings"][1]["fix"] == "Fix C302 first: the learning rate is too high."


def test_markdown_and_html_fold_too(folded):
    rows = [line for line in render_markdown(folded).splitlines() if line.startswith("| ❌")]
    assert [row.split(" | ")[1] for row in rows] == ["C302 learning-rate-too-high", "↳ P503 probe-diverged"]
    assert "P503 probe-diverged: fix and evidence" not in render_markdown(folded)
    page = render_html(folded)
    assert page.count("<article") == 2
    assert page.index('id="C302-') < page.index('class="follows" id="P503-') < page.index('id="D104-')


def test_sarif_and_junit_give_the_advice_of_the_cause(folded):
    run = json.loads(render_sarif(folded))["runs"][0]
    assert [one["properties"].get("becauseOf") for one in run["results"]] == [None, "C302" * 4, None]
    (suite,) = JUnitXml.fromstring(render_junit(folded).encode())
    (case,) = [case for case in suite if case.name.startswith("P503")]
    assert "fix: Fix C302 first" in case.result[0].text


def test_every_format_says_what_no_check_looks_at(folded):
    for render_it in (render_text, render_markdown, render_html):
        assert "how images and labels are paired" in render_it(folded)


@pytest.mark.parametrize("format", ["chart", "pdf", "", "text.x"])
def test_another_format_is_refused_with_those_that_there_are(diagnosis, format):
    with pytest.raises(InputError, match="give one of text, json, json1, markdown, html, sarif, junit, gitlab, comm"):
        render(diagnosis, format)
