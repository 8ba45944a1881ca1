from builders import ERROR, measured, network, only, probes, silent, why_skipped
from diagnose.checks.m410_cannot_overfit_one_batch import CHECK

from diagnose.model import OneBatch, OwnNetwork


def test_a_batch_learned_by_heart_is_silent():
    assert silent(CHECK, own=network())


def test_one_that_is_not_is_an_error():
    stuck = network(overfit=(2.3, 2.3, 2.2), overfit_accuracy=0.125)
    assert only(CHECK, own=stuck).severity is ERROR


def test_slow_but_falling_is_silent():
    assert silent(CHECK, own=network(overfit=(2.3, 1.5, 0.9), overfit_accuracy=0.5))


def test_it_is_not_examined_without_the_time_or_the_reference():
    assert "time limit" in why_skipped(CHECK, own=network(overfit=(), overfit_accuracy=None))
    alone = OwnNetwork("n:b", 10, 224, measured(overfit_accuracy=0.1), measured(overfit_accuracy=None))
    assert "ResNet50 itself" in why_skipped(CHECK, own=alone)


def learned(accuracy, reference=1.0):
    return {"measured": probes(one_batch=OneBatch(accuracy, 0.25, reference, 40, 16))}


def test_a_configuration_that_cannot_learn_its_batch():
    finding = only(CHECK, **learned(0.4))
    assert finding.severity is ERROR
    assert "40% of 16 images" in finding.summary


def test_a_configuration_that_can_is_silent_and_blank_images_are_m411s():
    assert silent(CHECK, **learned(0.8, None))
    assert silent(CHECK, **learned(0.25))


def test_a_batch_that_the_reference_cannot_learn_either_proves_nothing():
    assert "nothing to compare" in why_skipped(CHECK, **learned(0.4, 0.6))
    assert "did not try one batch" in why_skipped(CHECK, measured=probes())
