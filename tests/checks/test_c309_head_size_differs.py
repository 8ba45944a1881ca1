from builders import ERROR, WARNING, config, dataset, only, silent
from diagnose.checks.c309_head_size_differs import CHECK


def test_a_head_that_fits_is_silent():
    assert silent(CHECK, dataset=dataset(), configuration=config(head=2))


def test_too_few_outputs_are_an_error():
    assert only(CHECK, dataset=dataset(), configuration=config(head=1, loss="cross_entropy")).severity is ERROR
    three = dataset({"cat": 9, "dog": 9, "fox": 9})
    assert only(CHECK, dataset=three, configuration=config(head=1, loss="bce_with_logits")).severity is ERROR


def test_a_single_logit_for_two_classes_is_right():
    for loss in ("bce_with_logits", "binary_crossentropy", "focal"):
        assert silent(CHECK, dataset=dataset(), configuration=config(head=1, loss=loss))
    assert silent(CHECK, dataset=dataset(), configuration=config(head=1))


def test_a_head_left_from_imagenet_is_a_warning():
    assert only(CHECK, dataset=dataset(), configuration=config(head=1000)).severity is WARNING


def test_a_class_without_images_needs_no_output():
    assert silent(CHECK, dataset=dataset({"cat": 9, "dog": 9, "fox": 0}), configuration=config(head=2))
