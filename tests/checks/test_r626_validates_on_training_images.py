from builders import ERROR, WARNING, feed, only, ran, silent
from diagnose.checks.r626_validates_on_training_images import CHECK


def shared(*shares):
    return ran(feeds=(feed(), *(feed("validation", same_as_training=share) for share in shares)))


def test_other_images_are_silent():
    assert silent(CHECK, ran=shared(0.0))
    assert silent(CHECK, ran=shared(None))


def test_the_training_set_is_an_error():
    assert only(CHECK, ran=shared(1.0)).severity is ERROR


def test_a_program_that_also_evaluates_the_training_set_is_silent():
    assert silent(CHECK, ran=shared(1.0, 0.0))


def test_a_part_of_the_training_set_is_an_error_and_a_little_a_warning():
    finding = only(CHECK, ran=shared(0.76))
    assert finding.severity is ERROR
    assert "76%" in finding.summary
    assert only(CHECK, ran=shared(0.03)).severity is WARNING
    assert silent(CHECK, ran=shared(0.005))
