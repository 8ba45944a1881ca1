from builders import ERROR, WARNING, only, ran, silent
from diagnose.checks.r623_gradients_cut_to_nothing import CHECK

from diagnose.model import Clipping, SeenOptimizer


def clipped(most, median=3.0, optimizer="SGD"):
    return ran(clipping=Clipping("norm", most, median), optimizers=(SeenOptimizer(optimizer),))


def test_usual_limits_are_silent():
    assert silent(CHECK, ran=ran())
    assert silent(CHECK, ran=clipped(1.0))


def test_a_limit_far_below_the_gradients_is_found():
    assert only(CHECK, ran=clipped(1e-5)).severity is ERROR
    assert only(CHECK, ran=clipped(0.01)).severity is WARNING


def test_adam_does_not_care_until_the_limit_nears_its_eps():
    assert silent(CHECK, ran=clipped(1e-5, optimizer="AdamW"))
    assert only(CHECK, ran=clipped(1e-8, optimizer="AdamW")).severity is ERROR


def test_a_limit_of_zero_is_an_error():
    found = only(CHECK, ran=ran(clipping=Clipping("norm", 0.0, 3.6)))
    assert found.severity is ERROR
    assert "length of 0" in found.summary
