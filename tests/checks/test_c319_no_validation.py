from builders import WARNING, only, program, silent, why_skipped
from diagnose.checks.c319_no_validation import CHECK


def test_a_program_that_validates_is_silent():
    assert silent(CHECK, code=program(validates=True))


def test_one_that_never_does_is_a_warning():
    assert only(CHECK, code=program(validates=False)).severity is WARNING


def test_what_could_not_be_told_is_not_examined():
    assert "is unknown" in why_skipped(CHECK, code=program())
