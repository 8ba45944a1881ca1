from builders import WARNING, only, ran, seen_steps, silent, why_skipped
from diagnose.checks.r629_weights_replaced_each_step import CHECK


def test_usual_steps_are_silent():
    assert silent(CHECK, ran=ran())


def test_steps_as_long_as_the_weights_are_a_warning():
    assert only(CHECK, ran=ran(course=seen_steps(ratio=2.0))).severity is WARNING


def test_a_first_long_step_is_silent():
    assert silent(CHECK, ran=ran(course=(*seen_steps(1, ratio=5.0), *seen_steps(4))))


def test_two_steps_are_not_examined():
    assert "three" in why_skipped(CHECK, ran=ran(course=seen_steps(2)))
