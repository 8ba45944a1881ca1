import pytest

from diagnose.baseline import known_findings
from diagnose.model import InputError


def test_the_findings_of_a_report_are_known(tmp_path):
    path = tmp_path / "known.json"
    path.write_text('{"findings": [{"fingerprint": "ab"}, {"fingerprint": "cd"}]}')
    assert known_findings(str(path)) == {"ab", "cd"}
    assert known_findings(None) == frozenset()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"findings": [1]}', "\x00"])
def test_any_other_file_is_refused_with_how_to_make_one(tmp_path, text):
    path = tmp_path / "known.json"
    path.write_text(text)
    with pytest.raises(InputError, match="isn't a JSON report of diagnose: make one with --output"):
        known_findings(str(path))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        known_findings(str(tmp_path / "gone.json"))
