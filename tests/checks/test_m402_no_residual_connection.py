from builders import RESNET50_STAGES, WARNING, network, only, silent, why_skipped
from diagnose.checks.m402_no_residual_connection import CHECK


def test_shortcuts_are_silent():
    assert silent(CHECK, own=network())


def test_a_deep_plain_network_is_a_warning():
    assert only(CHECK, own=network(joins=0)).severity is WARNING


def test_a_shallow_one_needs_none():
    assert silent(CHECK, own=network(joins=0, stages=RESNET50_STAGES[:2]))


def test_a_network_that_crashed_is_not_examined():
    assert "did not run" in why_skipped(CHECK, own=network(crash="x"))
