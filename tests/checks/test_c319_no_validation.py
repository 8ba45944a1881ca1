from builders import FILE, WARNING, fact, only, program, silent, why_skipped
from diagnose.checks.c319_no_validation import CHECK

from diagnose.model import Location, NotValidated, Unfollowed


def test_a_program_that_validates_is_silent():
    assert silent(CHECK, code=program(validates=True))


def test_one_that_never_does_is_a_warning():
    assert only(CHECK, code=program(validates=False)).severity is WARNING


def test_what_could_not_be_told_is_not_examined():
    assert "is unknown" in why_skipped(CHECK, code=program())


def test_the_training_without_validation_is_named():
    code = program(validates=False, seen=(fact(NotValidated, 21),))
    assert only(CHECK, code=code).location.line == 21


def test_a_call_that_was_not_followed_may_validate():
    lost = Unfollowed("report()", Location(FILE, 9), frozenset({"validation"}))
    assert "report() at line 9" in why_skipped(CHECK, code=program(validates=False, unfollowed=(lost,)))
