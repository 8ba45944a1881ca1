from builders import ERROR, INFO, network, only, silent
from diagnose.checks.m408_frozen_parameters import CHECK


def test_all_training_is_silent():
    assert silent(CHECK, own=network())


def test_some_frozen_is_worth_knowing():
    assert only(CHECK, own=network(frozen=("conv1.weight",), frozen_parameters=10)).severity is INFO


def test_all_frozen_is_an_error():
    whole = network(frozen=("conv1.weight",), frozen_parameters=23_500_000)
    assert only(CHECK, own=whole).severity is ERROR
