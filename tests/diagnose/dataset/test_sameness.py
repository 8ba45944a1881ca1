"""Whether pictures of agreeing structure are the same."""

import numpy as np
import pytest

from diagnose.dataset.sameness import BENT, SURE, Compared, same
from diagnose.dataset.thumbnails import Thumbnails

RNG = np.random.default_rng(0)
LUMA = np.clip(RNG.normal(128, 40, (1, 32, 32)), 0, 255).astype(np.float32)
RED = RNG.normal(np.array([-20.0, 50.0])[None, :, None, None], 15, (1, 2, 8, 8)).astype(np.float32)
STANDING, MIRRORED = np.zeros((1, 2), np.int8), np.array([[0, 4]], np.int8)


def is_same(luma, colour, other_colour, turns=STANDING, score=0.85, bend=0.0, other_luma=None):
    maps = np.zeros((1, 6), np.float32)
    maps[0, 0] = bend
    other = luma if other_luma is None else other_luma
    found = Compared(np.array([score], np.float32), np.ones(1, np.float32), maps)
    return bool(same(Thumbnails(luma, colour), Thumbnails(other, other_colour), turns, found)[0])


def test_a_copy_of_other_saturation_is_the_same():
    assert is_same(LUMA, RED, 0.5 * RED)


def test_other_colours_are_not():
    assert not is_same(LUMA, RED, RED[:, ::-1].copy(), score=0.99)


def test_a_picture_with_weak_colour_isnt_grey():
    assert not is_same(LUMA, RED, -0.1 * RED, score=0.99)


@pytest.mark.parametrize(("score", "expected"), [(SURE + 0.02, True), (SURE - 0.02, False)])
def test_what_colours_do_not_confirm_has_to_agree_better(score, expected):
    assert is_same(LUMA, RED, np.zeros_like(RED), score=score) is expected


@pytest.mark.parametrize(("score", "expected"), [(SURE + 0.02, True), (SURE - 0.02, False)])
def test_a_stretched_picture_has_to_agree_better(score, expected):
    assert is_same(LUMA, RED, RED, score=score, bend=BENT + 0.02) is expected


def test_a_sign_is_not_its_mirrored_one_but_a_photograph_is():
    sign = np.full((1, 32, 32), 250, np.float32)
    sign[:, 4:28, 6:18] = RNG.uniform(20, 180, (1, 24, 12))
    none = np.zeros_like(RED)
    assert is_same(sign, none, none, score=1.0)
    assert not is_same(sign, none, none, MIRRORED, score=1.0, other_luma=sign[:, :, ::-1].copy())
    assert is_same(LUMA, RED, RED[..., ::-1].copy(), MIRRORED, score=1.0, other_luma=LUMA[:, :, ::-1].copy())
