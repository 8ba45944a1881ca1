from builders import ERROR, INFO, RESNET50_STAGES, network, only, silent
from diagnose.checks.m401_differs_from_resnet50 import CHECK

from diagnose.model import Stage


def test_resnet50_is_silent():
    assert silent(CHECK, own=network())


def test_a_crash_is_an_error_at_its_line():
    finding = only(CHECK, own=network(crash="RuntimeError: no"))
    assert (finding.severity, finding.location.line) == (ERROR, 3)


def test_other_stages_are_worth_knowing():
    stages = (Stage(1, 1, 64, 1000), *RESNET50_STAGES[1:])
    assert "strides" in only(CHECK, own=network(stages=stages)).summary
    narrow = (*RESNET50_STAGES[:-1], Stage(32, 9, 1024, 1000))
    finding = only(CHECK, own=network(stages=narrow))
    assert finding.severity is INFO
    assert "1024 channels, not 2048" in finding.summary
    assert "parameters" in only(CHECK, own=network(parameters=24_000_000)).summary


def test_a_network_that_means_to_be_another_is_silent():
    assert silent(CHECK, own=network(stages=RESNET50_STAGES[:1], parameters=100))
