"""What holds for all checks: one file, one check, a whole documentation, one test file."""

from pathlib import Path

import pytest

from diagnose.model import Config, Evidence
from diagnose.registry import explanation, load_checks

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FILES = sorted(path for path in (ROOT / "checks").glob("*.py") if path.stem != "__init__")
CHECKS = load_checks()
SECTIONS = ("What it looks for:", "Why it matters:", "Example:", "Fix:", "Source:")


def test_every_file_is_one_check():
    assert [f"{check.code.lower()}_{check.name.replace('-', '_')}" for check in CHECKS.values()] == [
        path.stem for path in FILES
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_check_has_its_test_file(path):
    assert (HERE / f"test_{path.name}").is_file()


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.code)
def test_every_check_is_documented(check):
    text = explanation(check)
    places = [text.find(section) for section in SECTIONS]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.code)
def test_no_check_passes_without_evidence(check):
    assert check.run(Evidence())[0] == "skipped"


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.code)
def test_no_check_crashes_on_a_configuration_that_says_nothing(check):
    assert check.run(Evidence(configuration=Config()))[0] == "skipped"
