from builders import WARNING, network, only, silent, why_skipped
from diagnose.checks.m405_exploding_or_vanishing_gradients import CHECK

from diagnose.model import Layer


def by_depth(first, last):
    values = [first * (last / first) ** (n / 11) for n in range(12)]
    return network(layers=tuple(Layer(f"l{n}", 1.0, value, 1.0) for n, value in enumerate(values)))


def test_gradients_as_resnet50_has_them_are_silent():
    assert silent(CHECK, own=by_depth(4.8, 0.002))


def test_gradients_that_vanish_or_explode_are_a_warning():
    assert "vanish" in only(CHECK, own=by_depth(1e-12, 1e-3)).summary
    assert only(CHECK, own=by_depth(1e6, 1e-3)).severity is WARNING


def test_a_few_layers_cannot_tell():
    few = network(layers=(Layer("a", 1.0, 1.0, 1.0),))
    assert "too few" in why_skipped(CHECK, own=few)
