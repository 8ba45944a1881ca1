from builders import ERROR, fact, only, program, silent
from diagnose.checks.c325_head_frozen import CHECK

from diagnose.model import HeadFrozen


def test_a_head_that_trains_is_silent():
    assert silent(CHECK, code=program())


def test_a_frozen_head_is_an_error():
    assert only(CHECK, code=program(seen=(fact(HeadFrozen, everything=False),))).severity is ERROR
    assert "nothing trains" in only(CHECK, code=program(seen=(fact(HeadFrozen, everything=True),))).summary
