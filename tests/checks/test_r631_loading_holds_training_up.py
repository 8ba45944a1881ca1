from builders import INFO, feed, only, ran, silent, why_skipped
from diagnose.checks.r631_loading_holds_training_up import CHECK


def loaded(seconds, workers):
    return ran(feeds=(feed(seconds_per_image=seconds, workers=workers),))


def test_fast_images_are_silent():
    assert silent(CHECK, ran=ran())


def test_slow_ones_are_worth_knowing():
    assert only(CHECK, ran=loaded(0.1, 2)).severity is INFO


def test_many_workers_make_up_for_it():
    assert silent(CHECK, ran=loaded(0.1, 16))


def test_an_unknown_time_is_not_examined():
    assert "how long" in why_skipped(CHECK, ran=loaded(None, 2))
