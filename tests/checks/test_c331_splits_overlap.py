import pytest
from builders import ERROR, WARNING, fact, only, program, silent
from diagnose.checks.c331_splits_overlap import CHECK, MESSAGES

from diagnose.model import SplitsOverlap


def test_a_plain_program_is_silent():
    assert silent(CHECK, code=program())


@pytest.mark.parametrize("how", MESSAGES)
def test_an_overlap_is_an_error_and_a_gap_a_warning_that_names_both_places(how):
    finding = only(CHECK, code=program(seen=(fact(SplitsOverlap, 9, how=how, what="random_split", other_line=4),)))
    assert (finding.severity, finding.location.line, finding.subject) == (WARNING if how == "gap" else ERROR, 9, how)
    assert "line 4" in finding.summary
