import pytest
from builders import ERROR, WARNING, fact, only, program, silent
from diagnose.checks.c334_batch_norm_mode import CHECK

from diagnose.model import KerasMode


def test_layers_in_the_right_mode_are_silent():
    assert silent(CHECK, code=program(framework="keras"))


@pytest.mark.parametrize(
    ("training", "layer", "severity", "word"),
    [
        (False, "the training step", WARNING, "batch norm and Dropout stays in evaluation mode"),
        (True, "the validation", ERROR, "acts as in training"),
        (True, "ResNet50", WARNING, "ResNet50 is called with training=True"),
    ],
)
def test_keras_layers_in_a_wrong_mode(training, layer, severity, word):
    seen = fact(KerasMode, training=training, layer=layer, norms=True, others=("Dropout",))
    finding = only(CHECK, code=program(framework="keras", seen=(seen,)))
    assert finding.severity is severity
    assert word in finding.summary
