"""A comment on a pull request, as a reader of Markdown sees it."""

import pytest
from builders import ERROR, INFO, WARNING, dataset
from markdown_it import MarkdownIt

from diagnose.model import CheckResult, Diagnosis, Evidence, Finding, Gap, Location
from diagnose.report.comment import MARKER, render_comment
from diagnose.report.subject import Subject

HARM = "<img src=x> @octocat | `x` [l](u) #1 </details>"


def found(code, severity, summary, **more):
    return Finding(severity, summary, "Fix it.", code=code, name="a-fault", fingerprint=f"{code}{summary}", **more)


def rendered(*findings, gaps=(), subject=None):
    results = tuple(CheckResult(one.code, one.name, "failed", 0.0, findings=(one,)) for one in findings)
    return render_comment(Diagnosis("1.0", "2026-01-01", 1.0, Evidence(dataset()), results, tuple(gaps)), subject)


def page(text):
    return MarkdownIt("gfm-like", {"linkify": True, "html": True}).render(text)


def test_errors_and_warnings_are_in_view_with_their_lines_and_the_rest_is_folded():
    text = rendered(
        found("C302", ERROR, "The rate is 100.", location=Location("train.py", 7)),
        found("D104", WARNING, "Two images are one."),
        found("C320", INFO, "No seed is set."),
        gaps=(Gap("P501", "no probes ran"), Gap("P502", "no probes ran")),
        subject=Subject("photos", "train.py"),
    )
    assert text.startswith(f"{MARKER}\n### diagnose: Do not start")
    assert text.splitlines()[0] == MARKER == "<!-- diagnose -->"
    view, folded = text.split("<details>")
    assert "| ❌ | C302 a-fault | The rate is 100. | Fix it. | train.py:7 |" in view
    assert "D104" in view
    assert "C320" not in view
    assert "<summary>1 more worth knowing, the images, and what was not examined</summary>" in folded
    assert "C320 a-fault" in folded
    assert "- P501, P502: no probes ran" in folded
    assert text.endswith("Examined: photos \\+ train.py, 2026-01-01, 1.0 s\n")
    assert page(text).count("<table>") == 2


def test_where_nothing_is_found_the_comment_says_so_without_a_table():
    text = rendered()
    assert "0 errors, 0 warnings, 0 infos; 0 checks passed" in text
    assert "<summary>the images, and what was not examined</summary>" in text
    assert "<table>" not in page(text)


@pytest.mark.parametrize("severity", [ERROR, INFO])
def test_no_name_becomes_markup_or_calls_anybody(severity):
    text = rendered(found("D104", severity, HARM), gaps=(Gap("P501", HARM),), subject=Subject(HARM, HARM))
    shown = page(text)
    for tag in ("<img", "<a ", "<code"):
        assert tag not in shown
    assert shown.count("</details>") == 1
    assert "@octocat" not in shown
    assert "#1" not in shown


@pytest.mark.parametrize("severity", [ERROR, WARNING, INFO])
def test_it_fits_into_a_comment_whatever_was_found(severity):
    many = [found(f"D{number}", severity, f"{number} {'@' * 5000}") for number in range(100, 400)]
    text = rendered(*many, gaps=[Gap("P501", f"{number} {'<' * 3000}") for number in range(300)])
    assert 30_000 < len(text) <= 60_000
    assert "more lines are left out here" in text
    assert text.count("<details>") == text.count("</details>") == 1
    assert "Examined: " in text


def test_the_gravest_are_those_that_are_kept():
    many = [found(f"D{number}", WARNING, f"{'<' * 500}") for number in range(100, 400)]
    text = rendered(*many, found("C302", ERROR, "The rate is 100."))
    assert "C302 a-fault" in text
