from builders import ERROR, feed, only, pixels, ran, silent
from diagnose.checks.r604_scrambled_images import CHECK


def test_pictures_and_noise_are_silent():
    assert silent(CHECK, ran=ran())
    assert silent(CHECK, ran=ran(feeds=(feed(pixels=pixels(neighbours=0.01, third_neighbours=0.02)),)))


def test_interleaved_colours_are_an_error():
    seen = pixels(neighbours=0.55, third_neighbours=0.9)
    finding = only(CHECK, ran=ran(feeds=(feed(pixels=seen), feed("validation"))))
    assert finding.severity is ERROR
    assert "training" in finding.summary


def test_images_too_small_to_tell_are_silent():
    assert silent(CHECK, ran=ran(feeds=(feed(pixels=pixels(neighbours=None, third_neighbours=None)),)))
