import pytest

from diagnose.baseline import known_findings
from diagnose.model import CheckResult, Diagnosis, Evidence, Finding, InputError, Severity
from diagnose.report import render


def test_the_findings_of_a_report_are_known(tmp_path):
    path = tmp_path / "known.json"
    path.write_text('{"findings": [{"fingerprint": "ab"}, {"fingerprint": "cd"}]}')
    assert known_findings(str(path)) == {"ab", "cd"}
    assert known_findings(None) == frozenset()


@pytest.mark.parametrize("format", ["json", "json1"])
def test_reports_of_both_versions_are_read(tmp_path, format):
    found = Finding(Severity.ERROR, "It is so.", "Fix it.", code="D101", fingerprint="ab")
    result = CheckResult("D101", "a-fault", "failed", 0.1, findings=(found,))
    path = tmp_path / "known.json"
    path.write_text(render(Diagnosis("1", "now", 1.0, Evidence(), (result,), ()), format))
    assert known_findings(str(path)) == {"ab"}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"findings": [1]}', "\x00"])
def test_any_other_file_is_refused_with_how_to_make_one(tmp_path, text):
    path = tmp_path / "known.json"
    path.write_text(text)
    with pytest.raises(InputError, match="isn't a JSON report of diagnose: make one with --output"):
        known_findings(str(path))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        known_findings(str(tmp_path / "gone.json"))
