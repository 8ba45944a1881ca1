from builders import ERROR, feed, only, ran, silent, why_skipped
from diagnose.checks.r607_batches_of_one_class import CHECK

ALONE = ((0,) * 8, (0,) * 8, (1,) * 8, (1,) * 8)


def loaded(labels, order):
    return ran(feeds=(feed(labels=labels, order=order),))


def test_mixed_batches_are_silent_in_any_order():
    assert silent(CHECK, ran=ran())
    assert silent(CHECK, ran=loaded(((0, 1, 1, 0),) * 4, "in order"))


def test_batches_of_one_class_are_an_error():
    assert only(CHECK, ran=loaded(ALONE, "in order")).severity is ERROR
    assert only(CHECK, ran=loaded(ALONE, "")).severity is ERROR
    assert only(CHECK, ran=loaded(((0,) * 8,) * 6, "in order")).severity is ERROR


def test_a_shuffling_loader_that_draws_one_class_alone_is_silent():
    assert silent(CHECK, ran=loaded(((0,) * 8,) * 6, "shuffled"))


def test_too_few_batches_are_not_examined():
    assert "three" in why_skipped(CHECK, ran=loaded(((0, 0, 0, 0),), "in order"))


def test_a_stream_that_never_leaves_its_first_class_is_an_error():
    assert only(CHECK, ran=loaded(((0,) * 8,) * 6, "")).severity is ERROR
    assert silent(CHECK, ran=loaded(((0,) * 4,) * 4, ""))  # 16 images may be of one class
