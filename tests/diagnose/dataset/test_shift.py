"""How validation images differ from training images of the same class."""

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def shifts(tmp_path, scanned):
    """The shifts of a held-out split of changed noise images, by attribute; 30 and 20 images per class."""

    def shifts_of(change, counts=((30, 30), (20, 20)), ending="png", before=0):
        rng = np.random.default_rng(0)
        for split, numbers in zip(("train", "val"), counts, strict=True):
            for name, count in zip(("cat", "dog"), numbers, strict=True):
                (tmp_path / split / name).mkdir(parents=True)
                for number in range(count):
                    pixels = rng.normal(120 if name == "cat" else 140, 30, (40, 48, 3))
                    pixels = change(pixels) if split == "val" else pixels + before
                    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
                    image.save(tmp_path / split / name / f"{number}.{ending if split == 'val' else 'png'}")
        return {one.attribute: one for one in scanned(tmp_path).shifts}

    return shifts_of


def test_splits_that_are_drawn_alike_are_not_far_apart(shifts):
    for one in shifts(lambda pixels: pixels).values():
        assert one.interval.low < (0.2 if one.attribute in ("format", "mode", "class shares") else 0.6)


@pytest.mark.parametrize(
    ("change", "attribute"),
    [
        (lambda pixels: pixels * 0.7, "brightness"),
        (lambda pixels: 120 + (pixels - 120) * 0.5, "contrast"),
        (lambda pixels: pixels * (1.15, 1.0, 0.85), "colour cast"),
        (lambda pixels: pixels[:30, :36], "size"),
        (lambda pixels: pixels[:, :40], "shape"),
    ],
)
def test_a_shift_is_measured_in_its_attribute(shifts, change, attribute):
    one = shifts(change)[attribute]
    assert one.interval.low > 0.75
    assert (one.split, one.train == one.held) == ("val", False)


def test_another_format(shifts):
    one = shifts(lambda pixels: pixels, ending="bmp")["format"]
    assert (one.size, one.train, one.held) == (1.0, "PNG", "BMP")


def test_the_shares_of_the_classes(shifts):
    one = shifts(lambda pixels: pixels, ((60, 10), (8, 32)))["class shares"]
    assert one.interval.low > 0.25
    assert (one.train, one.held) in (("cat 86%", "cat 20%"), ("dog 14%", "dog 80%"))


def test_grey_images_and_bars_of_one_split(shifts):
    def boxed(pixels):
        grey = np.repeat(pixels.mean(2, keepdims=True), 3, axis=2)
        grey[:6] = grey[-6:] = 0
        return grey

    found = shifts(boxed)
    assert (found["colours"].size, found["colours"].held) == (1.0, "grey")
    assert (found["bars"].size, found["bars"].held) == (1.0, "letterbox")


@pytest.mark.parametrize(("order", "low", "high"), [((2, 1, 0), 0.5, 1.5), ((0, 1, 2), -1.5, -0.5)])
def test_red_and_blue(shifts, order, low, high):
    warm = np.linspace(40, -40, 40)[:, None, None] * (1, 0, -1)

    def change(pixels):
        return (pixels + warm)[..., order]

    # The training images are not changed: they have the pattern from the start.
    found = shifts(change, before=warm)["channels"]
    assert low < found.interval.low <= found.interval.high < high
