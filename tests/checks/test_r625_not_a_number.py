import math

from builders import ERROR, only, ran, seen_steps, silent, why_skipped
from diagnose.checks.r625_not_a_number import CHECK


def test_numbers_are_silent():
    assert silent(CHECK, ran=ran())
    assert silent(CHECK, ran=ran(course=seen_steps(loss=None)))


def test_the_first_that_is_none_is_named():
    finding = only(CHECK, ran=ran(course=(*seen_steps(2), *seen_steps(3, loss=math.nan))))
    assert finding.severity is ERROR
    assert finding.measured["step"] == 3


def test_without_a_step_it_is_not_examined():
    assert "no training step" in why_skipped(CHECK, ran=ran(steps=0))
