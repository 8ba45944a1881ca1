from builders import ERROR, only, ran, seen_network, silent, why_skipped
from diagnose.checks.r610_constant_outputs import CHECK


def test_outputs_that_vary_are_silent():
    assert silent(CHECK, ran=ran())


def test_constant_outputs_are_an_error():
    assert only(CHECK, ran=ran(network=seen_network(constant=True))).severity is ERROR


def test_one_output_gets_advice_of_its_own():
    finding = only(CHECK, ran=ran(network=seen_network(constant=True, outputs=1)))
    assert "sigmoid" in finding.fix


def test_a_run_without_a_step_is_not_examined():
    assert "no training step" in why_skipped(CHECK, ran=ran(steps=0))
