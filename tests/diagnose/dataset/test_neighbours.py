"""Short vectors of pictures."""

import numpy as np
import pytest

from diagnose.dataset.neighbours import frequencies, oriented, turned
from diagnose.dataset.thumbnails import COLOUR_SIDE, SIDE, Thumbnails

RNG = np.random.default_rng(0)
LUMA = RNG.integers(0, 255, (60, 6, 6)).astype(np.float32).repeat(6, 1).repeat(6, 2)[:, :SIDE, :SIDE]


def vectors_of(luma):
    colour = np.zeros((len(luma), 2, COLOUR_SIDE, COLOUR_SIDE), np.float32)
    return oriented(*frequencies(Thumbnails(luma, colour)))


@pytest.mark.parametrize("turn", range(8))
def test_a_turned_copy_has_the_same_vector(turn):
    vectors, place, _ = vectors_of(LUMA)
    copies, _, _ = vectors_of(turned(LUMA, np.full(len(LUMA), turn, np.int8)))
    for number in range(len(LUMA)):
        assert np.abs(vectors[place == number] - copies[number]).max(1).min() < 1e-4


def test_brightness_and_contrast_do_not_count():
    vectors, place, _ = vectors_of(np.concatenate([LUMA, 0.5 * LUMA + 40]))
    assert np.abs(vectors[: len(LUMA)] - vectors[len(LUMA) : 2 * len(LUMA)]).max() < 1e-4
    assert place[: 2 * len(LUMA)].tolist() == list(range(2 * len(LUMA)))
