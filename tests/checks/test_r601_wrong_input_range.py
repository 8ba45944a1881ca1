from builders import ERROR, WARNING, feed, only, pixels, program, ran, seen_network, silent, why_skipped
from diagnose.checks.r601_wrong_input_range import CHECK


def given(**more):
    return ran(feeds=(feed(pixels=pixels(**more)), feed("validation")))


RAW = {"low": 0.0, "high": 255.0, "mean": 120.0, "std": 60.0}


def test_normalised_and_unit_scaled_images_are_silent():
    assert silent(CHECK, ran=ran())
    assert silent(CHECK, ran=given(low=0.0, high=1.0, mean=0.45, std=0.25))


def test_raw_pixels_are_an_error_without_batch_norm_and_a_warning_with_it():
    bare = seen_network(batch_norms=0)
    assert only(CHECK, ran=ran(network=bare, feeds=given(**RAW).feeds)).severity is ERROR
    assert only(CHECK, ran=given(**RAW)).severity is WARNING


def test_raw_pixels_into_a_norm_or_where_the_weights_want_them_are_silent():
    assert silent(CHECK, ran=given(first_layer="BatchNorm2d", **RAW))
    assert silent(CHECK, ran=given(low=-123.0, high=151.0, mean=0.0, std=60.0))
    code = program(framework="keras", weights_want="built in")
    from builders import config

    assert silent(CHECK, ran=given(**RAW), code=code, configuration=config(weights="imagenet"))


def test_twice_scaled_twice_normalised_and_not_a_number():
    assert only(CHECK, ran=given(low=0.0, high=0.0039, mean=0.0018, std=0.001)).severity is ERROR
    assert only(CHECK, ran=given(low=-11.0, high=9.5, mean=-2.0, std=4.5)).severity is WARNING
    assert only(CHECK, ran=given(finite=0.5)).severity is ERROR


def test_without_a_training_batch_it_is_not_examined():
    assert "training" in why_skipped(CHECK, ran=ran(feeds=()))
