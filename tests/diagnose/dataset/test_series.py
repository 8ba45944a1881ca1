"""Patients, videos and the like on both sides of a split, by their names."""

import numpy as np
import pytest
from PIL import Image

WORDS = {
    "patients": ("patient{series:03d}_{number}", "patient"),
    "folders": ("slide_{series:02d}/{number:04d}", "slide"),
    "frames": ("clip{series:02d}_frame{number:04d}", "video"),
    "subjects": ("sub-{series:02d}_acq_{number}", "subject"),
}
NONE = {
    "numbers": "{series:02d}_{number}",
    "photographs": "IMG_{series:02d}{number:02d}",
    "one camera": "camera1_{series:02d}{number:02d}",
    "a class": "{name}_{series:02d}{number:02d}",
}


def write(root, pattern, split_of):
    rng = np.random.default_rng(0)
    for series in range(8):
        for number in range(3):
            name = "ab"[series % 2]
            path = (
                root
                / split_of(series, number)
                / name
                / f"{pattern.format(series=series, number=number, name=name)}.png"
            )
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 255, (24, 24, 3), np.uint8)).save(path)


@pytest.mark.parametrize("style", WORDS)
def test_a_series_on_both_sides_is_reported(tmp_path, scanned, style):
    pattern, word = WORDS[style]
    write(tmp_path, pattern, lambda series, number: "val" if number == 2 else "train")
    (one,) = scanned(tmp_path).series_leaks
    assert (one.split, one.word, one.series, one.images, one.of) == ("val", word, 8, 8, 8)


@pytest.mark.parametrize("style", WORDS)
def test_a_split_by_series_is_silent(tmp_path, scanned, style):
    write(tmp_path, WORDS[style][0], lambda series, number: "val" if series > 5 else "train")
    assert scanned(tmp_path).series_leaks == ()


@pytest.mark.parametrize("style", NONE)
def test_numbers_that_are_of_nothing(tmp_path, scanned, style):
    write(tmp_path, NONE[style], lambda series, number: "val" if number == 2 else "train")
    assert scanned(tmp_path).series_leaks == ()
