import pytest
from builders import ERROR, config, fact, only, program, silent
from diagnose.checks.c307_softmax_before_cross_entropy import CHECK

from diagnose.model import KerasLoss


@pytest.mark.parametrize("activation", ["none", "log_softmax"])
def test_logits_and_log_probabilities_are_silent(activation):
    assert silent(CHECK, configuration=config(output_activation=activation, loss="cross_entropy"))


def test_softmax_before_cross_entropy_is_an_error_at_the_softmax():
    finding = only(CHECK, configuration=config(output_activation="softmax", loss="cross_entropy"))
    assert finding.severity is ERROR
    assert finding.location.line == 1


def keras(logits):
    return program(framework="keras", seen=(fact(KerasLoss, from_logits=logits, labels=None),))


def test_keras_losses_expect_the_softmax_unless_told_of_logits():
    said = config(output_activation="softmax", loss="sparse_categorical_crossentropy")
    assert silent(CHECK, configuration=said, code=keras(False))
    assert only(CHECK, configuration=said, code=keras(True)).severity is ERROR


def test_from_logits_without_softmax_is_right():
    said = config(output_activation="none", loss="sparse_categorical_crossentropy")
    assert silent(CHECK, configuration=said, code=keras(True))
