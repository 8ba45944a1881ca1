import pytest
from builders import ERROR, WARNING, only, program, silent
from diagnose.checks.c343_mixed_precision_misuse import CHECK, KINDS

from diagnose.model import Location, MixedPrecision

AT = Location("program.py", 7)


@pytest.mark.parametrize("what", KINDS)
def test_each_kind_is_reported_at_its_line(what):
    finding = only(CHECK, code=program(seen=(MixedPrecision(AT, what, 7),)))
    assert finding.severity is (WARNING if what in ("no_scaler", "half_weights") else ERROR)
    assert finding.location == AT
    assert "{" not in finding.summary


def test_sound_precision_is_silent():
    assert silent(CHECK, code=program())
