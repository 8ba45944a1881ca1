from builders import ERROR, dataset, feed, only, ran, silent, why_skipped
from diagnose.checks.r608_one_label_only import CHECK


def labels(*batches):
    return ran(feeds=(feed(labels=batches),))


def test_several_labels_are_silent():
    assert silent(CHECK, ran=ran(), dataset=dataset())


def test_one_label_among_images_drawn_at_random_is_an_error():
    assert only(CHECK, ran=labels(*[(3,) * 8] * 5), dataset=dataset()).severity is ERROR


def test_a_class_that_is_nearly_all_of_the_images_is_silent():
    assert silent(CHECK, ran=labels(*[(0,) * 8] * 5), dataset=dataset({"cat": 95, "dog": 5}))


def test_few_labels_are_not_examined():
    assert "30" in why_skipped(CHECK, ran=labels((0,) * 8), dataset=dataset())
