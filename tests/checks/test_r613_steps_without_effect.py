from builders import ERROR, WARNING, only, ran, seen_network, seen_steps, silent, why_skipped
from diagnose.checks.r613_steps_without_effect import CHECK

from diagnose.model import Layers


def test_steps_of_usual_length_are_silent():
    assert silent(CHECK, ran=ran())
    warm_up = (*seen_steps(1, ratio=0.0, rates=(0.0,)), *seen_steps(3))
    assert silent(CHECK, ran=ran(course=warm_up))


def test_a_rate_of_zero_and_gradients_of_zero_are_errors_with_their_reason():
    assert "learning rate is 0" in only(CHECK, ran=ran(course=seen_steps(ratio=0.0, rates=(0.0,)))).summary
    assert "gradients are 0" in only(CHECK, ran=ran(course=seen_steps(ratio=0.0, gradient=0.0))).summary


def test_layers_that_never_move_count_by_what_they_are():
    still = Layers(("fc",), 1, 20, 0.02, head=True)
    assert only(CHECK, ran=ran(network=seen_network(unmoved=still))).severity is ERROR
    still = Layers(("layer1",), 1, 200, 0.2)
    assert only(CHECK, ran=ran(network=seen_network(unmoved=still))).severity is WARNING


def test_two_steps_are_not_examined():
    assert "three" in why_skipped(CHECK, ran=ran(course=seen_steps(2)))
