"""Whether red and blue are swapped in a split."""

import numpy as np
import pytest

from diagnose.dataset.surround import swapped


def images(sign=1.0, cast=0.0):
    """Red minus blue of 40 training and 40 validation images of two classes, whose patterns the held-out ones have with
    this sign, plus a cast."""
    rng = np.random.default_rng(0)
    patterns = rng.normal(0, 20, (2, 64))
    labels = np.tile([0, 1], 40)
    held = np.arange(80) >= 40
    warm = np.where(held, sign, 1.0)[:, None] * patterns[labels] + rng.normal(0, 15, (80, 64))
    return warm + cast * held[:, None], labels, held


@pytest.mark.parametrize(("sign", "slope"), [(1, -1), (-1, 1), (0, 0)])
def test_the_sign_of_the_pattern(sign, slope):
    measured, interval = swapped(*images(sign), [0, 1], 2.6)
    assert measured == pytest.approx(slope, abs=0.15)
    assert interval.low < measured < interval.high


def test_a_cast_isnt_a_swap():
    assert swapped(*images(cast=-60.0), [0, 1], 2.6)[1].high < 0


def test_no_result_without_a_pattern():
    assert swapped(np.zeros((80, 64)), *images()[1:], [0, 1], 2.6) is None
