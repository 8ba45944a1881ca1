from builders import ERROR, fact, only, program, silent
from diagnose.checks.c337_range_assumed import CHECK

from diagnose.model import ConvertedTwice, Location


def test_one_conversion_is_silent():
    assert silent(CHECK, code=program())


def test_a_second_one_is_an_error_and_names_the_first():
    finding = only(CHECK, code=program(seen=(fact(ConvertedTwice, first=Location("train.py", 3)),)))
    assert finding.severity is ERROR
    assert "(line 3)" in finding.summary
