from builders import ERROR, observed, only, program, silent
from diagnose.checks.c325_head_frozen import CHECK


def test_a_head_that_trains_is_silent():
    assert silent(CHECK, code=program())


def test_a_frozen_head_is_an_error():
    assert only(CHECK, code=program(observations=(observed("head_frozen", everything=False),))).severity is ERROR
    assert (
        "nothing trains" in only(CHECK, code=program(observations=(observed("head_frozen", everything=True),))).summary
    )
