import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from diagnose.dataset.hashing import difference_hashes


def test_thumbnails_are_box_averages():
    grey = np.random.default_rng(0).integers(0, 255, (64, 40)).astype(np.float32)
    told = np.frombuffer(difference_hashes(grey[None]).thumbnails[0], np.uint8).reshape(8, 8)
    wanted = np.asarray(Image.fromarray(grey).resize((8, 8), Image.Resampling.BOX))
    assert np.abs(told - wanted).max() <= 1.01


def test_a_slope_sets_every_bit_of_its_way():
    slope = np.tile(np.arange(0, 250, 5, dtype=np.float32), (50, 1))
    told = difference_hashes(np.stack([slope, slope.T, slope[:, ::-1]]))
    assert (told.across, told.down) == ([-1, 0, 0], [0, -1, 0])


@settings(max_examples=50, deadline=None)
@given(high=st.integers(1, 200), wide=st.integers(1, 200))
def test_any_shape_has_hashes(high, wide):
    hashes = difference_hashes(np.full((2, high, wide), 77, np.float32))
    assert (hashes.across, hashes.down) == ([0, 0], [0, 0])
    assert np.frombuffer(hashes.thumbnails[1], np.uint8) == pytest.approx(77, abs=1)
