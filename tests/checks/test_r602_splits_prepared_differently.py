from builders import ERROR, feed, only, pixels, ran, silent, why_skipped
from diagnose.checks.r602_splits_prepared_differently import CHECK

IMAGENET = {"slope": (0.0171, 0.0175, 0.0174), "offset": (-2.118, -2.036, -1.804)}


def both(one, other):
    return ran(feeds=(feed(pixels=one), feed("validation", pixels=other)))


def test_the_same_preparation_is_silent_whatever_the_images():
    assert silent(CHECK, ran=both(pixels(**IMAGENET), pixels(mean=0.5, std=0.7, **IMAGENET)))
    assert silent(CHECK, ran=both(pixels(std=1.0), pixels(std=0.6, mean=0.4)))


def test_another_scale_is_an_error():
    plain = pixels(low=0.0, high=1.0, mean=0.45, std=0.25, slope=(1 / 255,) * 3, offset=(0.0,) * 3)
    assert only(CHECK, ran=both(pixels(**IMAGENET), plain)).severity is ERROR
    assert only(CHECK, ran=both(pixels(), pixels(low=0.0, high=255.0, mean=120.0, std=60.0))).severity is ERROR


def test_another_number_of_channels_is_an_error():
    assert "channels" in only(CHECK, ran=both(pixels(), pixels(shape=(1, 64, 64)))).summary


def test_an_offset_within_what_augmentation_explains_is_silent():
    moved = {**IMAGENET, "offset": (-2.10, -2.02, -1.79)}
    assert silent(CHECK, ran=both(pixels(**IMAGENET), pixels(**moved)))


def test_without_validation_it_is_not_examined():
    assert "validation" in why_skipped(CHECK, ran=ran(feeds=(feed(),)))
