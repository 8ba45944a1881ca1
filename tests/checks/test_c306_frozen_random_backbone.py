import pytest
from builders import ERROR, config, only, silent, why_skipped
from diagnose.checks.c306_frozen_random_backbone import CHECK


def test_frozen_pretrained_layers_are_transfer_learning():
    assert silent(CHECK, configuration=config(weights="imagenet", frozen=("backbone",)))


@pytest.mark.parametrize("frozen", [("backbone",), ("layer1", "layer2")])
def test_frozen_random_layers_are_an_error_at_their_line(frozen):
    finding = only(CHECK, configuration=config(weights="none", frozen=frozen))
    assert finding.severity is ERROR
    assert finding.location.line == 2


def test_nothing_frozen_is_silent():
    assert silent(CHECK, configuration=config(weights="none", frozen=()))


def test_unknown_freezing_is_not_examined():
    assert "`frozen`" in why_skipped(CHECK, configuration=config(weights="none"))
