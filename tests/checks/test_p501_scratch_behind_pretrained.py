from builders import INFO, WARNING, comparison, config, dataset, only, probes, silent, why_skipped
from diagnose.checks.p501_scratch_behind_pretrained import CHECK

from diagnose.model import Confidence


def test_a_gap_beyond_zero_accuses_training_from_scratch():
    measured = probes(comparison=comparison(0.1, 0.3))
    finding = only(CHECK, measured=measured, configuration=config(weights="none"))
    assert finding.severity is WARNING
    assert finding.measured["interval"] == [0.1, 0.3]
    assert finding.confidence is Confidence.SHOWN


def test_few_seeds_only_indicate():
    measured = probes(comparison=comparison(0.1, 0.3, seeds=3))
    assert only(CHECK, measured=measured, configuration=config(weights="none")).confidence is Confidence.INDICATED


def test_it_confirms_a_configuration_that_is_pretrained():
    assert silent(CHECK, measured=probes(comparison=comparison(0.1, 0.3)), configuration=config(weights="imagenet"))


def test_without_a_configuration_it_is_worth_knowing():
    assert only(CHECK, measured=probes(comparison=comparison(0.1, 0.3))).severity is INFO


def test_a_stand_in_is_named_as_one():
    measured = probes(comparison=comparison(0.1, 0.3, stand_in=True, arch="efficientnet_lite0"))
    assert "substitute model" in only(CHECK, measured=measured).summary


def test_an_interval_that_holds_zero_claims_nothing():
    assert silent(CHECK, measured=probes(comparison=comparison(-0.05, 0.3)))


def test_without_a_comparison_it_is_not_examined():
    assert "no comparison" in why_skipped(CHECK, measured=probes())


def test_with_plenty_of_images_a_long_run_makes_up_for_it():
    measured, scratch = probes(comparison=comparison(0.1, 0.3)), config(weights="none")
    assert only(CHECK, dataset=dataset(6000), measured=measured, configuration=scratch).severity is INFO
    assert only(CHECK, dataset=dataset(500), measured=measured, configuration=scratch).severity is WARNING
