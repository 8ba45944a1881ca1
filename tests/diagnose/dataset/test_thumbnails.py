"""Pictures in 1,152 bytes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from diagnose.dataset.sharpness import LUMA
from diagnose.dataset.thumbnails import BYTES, COLOUR_SIDE, SIDE, packed, unpacked


def of(pictures):
    values = pictures.astype(np.float32)
    return packed(values, values @ LUMA)


def test_the_luma_is_a_box_average():
    picture = np.random.default_rng(0).integers(0, 255, (1, 96, 64, 3)).astype(np.uint8)
    grey = Image.fromarray((picture[0].astype(np.float32) @ LUMA).astype(np.float32))
    wanted = np.asarray(grey.resize((SIDE, SIDE), Image.Resampling.BOX))
    assert np.abs(unpacked(of(picture)[0]).luma[0] - wanted).max() <= 1.01


@pytest.mark.parametrize(("colour", "blue", "red"), [((255, 0, 0), -1, 1), ((0, 0, 255), 1, -1), ((90, 90, 90), 0, 0)])
def test_the_colour_is_kept_apart(colour, blue, red):
    channels = unpacked(of(np.full((1, 40, 40, 3), colour, np.uint8))[0]).colour[0]
    assert channels.shape == (2, COLOUR_SIDE, COLOUR_SIDE)
    assert [int(np.sign(np.round(channel.mean() / 10))) for channel in channels] == [blue, red]


@settings(max_examples=50, deadline=None)
@given(high=st.integers(1, 200), wide=st.integers(1, 200))
def test_any_shape_has_one(high, wide):
    thumbnails = of(np.full((2, high, wide, 3), 77, np.uint8))
    assert [len(one) for one in thumbnails] == [BYTES, BYTES]
    assert unpacked(b"".join(thumbnails)).luma == pytest.approx(77, abs=1)
