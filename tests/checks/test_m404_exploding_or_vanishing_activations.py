import math

import pytest
from builders import ERROR, network, only, silent
from diagnose.checks.m404_exploding_or_vanishing_activations import CHECK

from diagnose.model import Layer


def by_depth(*values):
    return network(layers=tuple(Layer(f"l{n}", value, 0.1, 1.0) for n, value in enumerate((*values, 1.0))))


def test_steady_activations_are_silent():
    assert silent(CHECK, own=network())
    assert silent(CHECK, own=by_depth(1.0, 3.0, 10.0, 50.0))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((1.0, 0.03, 0.001, 1e-6), "vanish"),
        ((1.0, 30.0, 900.0, 27_000.0), "explode"),
        ((1.0, math.nan, 1.0), "aren't numbers"),
    ],
)
def test_what_changes_a_thousandfold_is_an_error(values, said):
    finding = only(CHECK, own=by_depth(*values))
    assert finding.severity is ERROR
    assert said in finding.summary
