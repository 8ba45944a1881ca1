from builders import ERROR, WARNING, only, ran, seen_network, silent
from diagnose.checks.r615_trains_in_evaluation_mode import CHECK

from diagnose.model import Layers, Modes


def modes(first, later=(), **network):
    return ran(modes=Modes(training=first, later_epochs=later), network=seen_network(**network))


def test_training_mode_is_silent():
    assert silent(CHECK, ran=modes(((True, 8),), ((True, 5),)))


def test_evaluation_mode_since_the_first_validation_is_an_error():
    assert only(CHECK, ran=modes(((True, 8),), ((False, 5),))).severity is ERROR


def test_evaluation_mode_throughout_is_a_warning():
    assert only(CHECK, ran=modes(((False, 8),))).severity is WARNING


def test_networks_without_such_layers_and_frozen_ones_are_silent():
    assert silent(CHECK, ran=modes(((False, 8),), has_modes=False))
    assert silent(CHECK, ran=modes(((False, 8),), frozen=Layers(("backbone",), 50, 900, 0.9)))


def test_batch_norms_that_evaluate_from_random_weights_are_an_error():
    assert only(CHECK, ran=modes(((True, 8),), evaluating_norms=4)).severity is ERROR
    assert silent(CHECK, ran=modes(((True, 8),), evaluating_norms=1))
    assert silent(CHECK, ran=modes(((True, 8),), evaluating_norms=5, pretrained=0.9))


def test_evaluation_mode_after_a_validation_within_an_epoch_is_an_error():
    def inner(*after):
        return ran(modes=Modes(((True, 9), (False, 4)), ((False, 4),), ((True, 30),), after), network=seen_network())

    finding = only(CHECK, ran=inner((False, 4)))
    assert finding.severity is ERROR
    assert "within an epoch" in finding.summary
    assert silent(CHECK, ran=inner((True, 4)))
