from builders import WARNING, config, dataset, only, silent, why_skipped
from diagnose.checks.d111_validation_too_small import CHECK


def test_two_hundred_resolve_enough():
    assert silent(CHECK, dataset=dataset(val=100))


def test_fifty_do_not():
    finding = only(CHECK, dataset=dataset(val=25))
    assert finding.severity is WARNING
    assert round(finding.measured["half_width"], 3) == 0.127


def test_a_high_target_needs_fewer():
    assert silent(CHECK, dataset=dataset(val=25), configuration=config(target_accuracy=0.95))


def test_an_empty_split_resolves_nothing():
    assert only(CHECK, dataset=dataset(val=0)).measured["half_width"] == 1


def test_without_a_split_it_is_not_examined():
    assert "no val or test split" in why_skipped(CHECK, dataset=dataset(val=None))
