from builders import ERROR, WARNING, config, network, only, silent
from diagnose.checks.m409_outputs_probabilities import CHECK


def test_logits_and_log_probabilities_are_silent():
    assert silent(CHECK, own=network())
    assert silent(CHECK, own=network(outputs="log_probabilities"))


def test_probabilities_are_a_warning_and_an_error_with_cross_entropy():
    assert only(CHECK, own=network(outputs="probabilities")).severity is WARNING
    said = config(loss="cross_entropy")
    assert only(CHECK, own=network(outputs="probabilities"), configuration=said).severity is ERROR
