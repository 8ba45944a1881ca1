from builders import ERROR, network, only, silent

from checks.m411_ignores_its_input import CHECK


def test_outputs_that_follow_the_image_are_silent():
    assert silent(CHECK, own=network())


def test_outputs_that_do_not_are_an_error():
    finding = only(CHECK, own=network(input_matters=False, overfit_accuracy=0.125))
    assert finding.severity is ERROR
    assert "blank images (12%)" in finding.summary
