from builders import WARNING, feed, only, ran, silent, why_skipped
from diagnose.checks.r620_random_validation_images import CHECK


def held_out(same):
    return ran(feeds=(feed(), feed("validation", drawn_twice=same)))


def test_an_image_that_stays_is_silent():
    assert silent(CHECK, ran=held_out(True))


def test_one_that_changes_is_a_warning():
    assert only(CHECK, ran=held_out(False)).severity is WARNING


def test_one_that_was_not_fetched_twice_is_not_examined():
    assert "twice" in why_skipped(CHECK, ran=held_out(None))
