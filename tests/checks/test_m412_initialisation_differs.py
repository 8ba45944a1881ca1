import pytest
from builders import INFO, network, only, silent, why_skipped
from diagnose.checks.m412_initialisation_differs import CHECK

from diagnose.model import Layer


def spread(value, layers=5):
    return network(layers=tuple(Layer(f"l{n}", 1.0, 0.1, value) for n in range(layers)))


@pytest.mark.parametrize("value", [0.71, 1.0, 1.5])
def test_usual_scales_are_silent(value):
    assert silent(CHECK, own=spread(value))


@pytest.mark.parametrize("value", [0.41, 3.0])
def test_other_scales_are_worth_knowing(value):
    assert only(CHECK, own=spread(value)).severity is INFO


def test_a_few_layers_cannot_tell():
    assert "too few" in why_skipped(CHECK, own=spread(1.0, 2))
