from builders import ERROR, feed, only, ran, seen_network, silent, why_skipped
from diagnose.checks.r616_validates_in_training_mode import CHECK

from diagnose.model import Modes


def held_out(*calls, **network):
    return ran(modes=Modes(held_out=calls), network=seen_network(**network))


def test_evaluation_mode_is_silent():
    assert silent(CHECK, ran=held_out((False, 5)))


def test_training_mode_is_an_error():
    assert only(CHECK, ran=held_out((True, 5))).severity is ERROR


def test_a_single_call_and_networks_without_such_layers_are_silent():
    assert silent(CHECK, ran=held_out((False, 5), (True, 1)))
    assert silent(CHECK, ran=held_out((True, 5), has_modes=False))


def test_without_validation_it_is_not_examined():
    assert "validation" in why_skipped(CHECK, ran=ran(feeds=(feed(),)))
