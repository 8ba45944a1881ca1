from builders import WARNING, network, only, silent, why_skipped
from diagnose.checks.m414_activation_twice import CHECK


def test_single_activations_are_silent():
    assert silent(CHECK, own=network())


def test_one_after_the_other_is_a_warning_that_names_both():
    found = only(CHECK, own=network(repeated_activations=("sigmoid after relu",) * 6))
    assert (found.severity, found.measured["places"]) == (WARNING, 6)
    assert "6 places: sigmoid after relu." in found.summary


def test_one_place_is_told_in_the_singular():
    assert "1 place:" in only(CHECK, own=network(repeated_activations=("tanh after relu",))).summary


def test_a_network_that_crashed_is_not_examined():
    assert "did not run" in why_skipped(CHECK, own=network(crash="x"))
