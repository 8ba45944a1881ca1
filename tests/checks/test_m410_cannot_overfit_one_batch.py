from builders import ERROR, measured, network, only, silent, why_skipped

from checks.m410_cannot_overfit_one_batch import CHECK
from diagnose.model import Network


def test_a_batch_learned_by_heart_is_silent():
    assert silent(CHECK, own=network())


def test_one_that_is_not_is_an_error():
    stuck = network(overfit=(2.3, 2.3, 2.2), overfit_accuracy=0.125)
    assert only(CHECK, own=stuck).severity is ERROR


def test_slow_but_falling_is_silent():
    assert silent(CHECK, own=network(overfit=(2.3, 1.5, 0.9), overfit_accuracy=0.5))


def test_it_is_not_examined_without_the_time_or_the_reference():
    assert "time limit" in why_skipped(CHECK, own=network(overfit=(), overfit_accuracy=None))
    alone = Network("n:b", 10, 224, measured(overfit_accuracy=0.1), measured(overfit_accuracy=None))
    assert "ResNet50 itself" in why_skipped(CHECK, own=alone)
