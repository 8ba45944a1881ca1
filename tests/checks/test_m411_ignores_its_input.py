from builders import ERROR, network, only, probes, silent, why_skipped
from diagnose.checks.m411_ignores_its_input import CHECK

from diagnose.model import OneBatch


def test_outputs_that_follow_the_image_are_silent():
    assert silent(CHECK, own=network())


def test_outputs_that_do_not_are_an_error():
    finding = only(CHECK, own=network(input_matters=False, overfit_accuracy=0.125))
    assert finding.severity is ERROR
    assert "blank images (12%)" in finding.summary


def learned(accuracy, reference=1.0):
    return {"measured": probes(one_batch=OneBatch(accuracy, 0.25, reference, 40, 16))}


def test_a_batch_learned_no_better_than_blank_images():
    assert "the images do not reach the loss" in only(CHECK, **learned(0.25)).summary


def test_a_batch_that_is_learned_a_little_is_another_matter():
    assert silent(CHECK, **learned(0.4))
    assert silent(CHECK, **learned(0.25, reference=0.5))


def test_with_neither_network_nor_batch_it_is_not_examined():
    assert "did not try one batch" in why_skipped(CHECK, measured=probes())
