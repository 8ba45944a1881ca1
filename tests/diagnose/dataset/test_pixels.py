import numpy as np
import pytest

from diagnose.dataset.pixels import statistics

COLOURS = ("red", "green", "blue")
PICTURES = np.random.default_rng(0).integers(0, 255, (3, 20, 30, 3)).astype(np.uint8)


@pytest.mark.parametrize("number", range(3))
def test_each_picture_is_measured_as_numpy_would_alone(number):
    measures, picture = statistics(PICTURES)[number], PICTURES[number].astype(float)
    grey = picture @ (0.299, 0.587, 0.114)
    assert [measures[name] for name in COLOURS] == pytest.approx(picture.mean((0, 1)).tolist(), rel=1e-4)
    assert [measures[name] for name in ("red2", "green2", "blue2")] == pytest.approx(
        (picture**2).mean((0, 1)).tolist(), rel=1e-4
    )
    assert (measures["brightness"], measures["contrast"]) == pytest.approx((grey.mean(), grey.std()), rel=1e-4)
    assert measures["dark"] == pytest.approx(np.percentile(grey, 1), abs=4)
    assert measures["bright"] == pytest.approx(np.percentile(grey, 99), abs=4)


def test_a_picture_is_measured_the_same_in_any_company():
    one, other = statistics(PICTURES)[1], statistics(PICTURES[1:2])[0]
    assert one.pop("thumbnail") == other.pop("thumbnail")
    assert one == pytest.approx(other, rel=1e-5)


def test_the_rim_is_the_outermost_pixels():
    framed = np.full((1, 20, 30, 3), 200, np.uint8)
    framed[:, 1:-1, 1:-1] = PICTURES[:1, 1:-1, 1:-1]
    measures = statistics(framed)[0]
    assert (measures["rim_red"], measures["rim_green"], measures["rim_blue"], measures["rim_spread"]) == pytest.approx(
        (200, 200, 200, 0)
    )


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (2, 2)])
def test_the_smallest_pictures_are_measured_too(shape):
    measures = statistics(np.full((2, *shape, 3), 9, np.uint8))
    assert [one["brightness"] for one in measures] == pytest.approx([9, 9], abs=1e-3)
