from builders import WARNING, network, only, silent
from diagnose.checks.m406_dead_units import CHECK


def test_some_dead_units_are_silent():
    assert silent(CHECK, own=network(dead=0.2))


def test_half_of_a_layer_dead_is_a_warning():
    finding = only(CHECK, own=network(dead=0.6))
    assert finding.severity is WARNING
    assert "ReLU 1 of 49" in finding.summary
