from builders import ERROR, only, ran, silent, why_skipped
from diagnose.checks.r622_gradients_pile_up import CHECK

from diagnose.model import SeenOptimizer


def test_cleared_gradients_are_silent():
    assert silent(CHECK, ran=ran())


def test_gradients_that_stay_are_an_error():
    assert only(CHECK, ran=ran(optimizers=(SeenOptimizer("SGD", accumulates=True),))).severity is ERROR


def test_without_a_step_it_is_not_examined():
    assert "no training step" in why_skipped(CHECK, ran=ran(steps=0))
