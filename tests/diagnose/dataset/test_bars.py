"""Bars at opposite edges and ends that weren't decoded."""

import numpy as np
import pytest

from diagnose.dataset.bars import bars

SCENE = np.random.default_rng(0).normal(140, 40, (1, 60, 80)).clip(0, 255).astype(np.float32)


def measured(luma):
    return {
        name: round(values[0], 2) for name, values in bars(luma, np.repeat(luma[:, -1, :, None], 3, axis=2)).items()
    }


def with_rows(rows, level, luma=SCENE):
    changed = luma.copy()
    changed[:, rows] = level
    return changed


def test_a_scene_has_none():
    assert measured(SCENE) == {"letterbox": 0, "pillarbox": 0, "cut": 0, "black_end": 0}


@pytest.mark.parametrize("level", [0, 90, 255])
def test_two_bars_of_any_level(level):
    boxed = with_rows(np.r_[0:6, 54:60], level)
    assert measured(boxed)["letterbox"] == 0.2
    assert measured(np.swapaxes(boxed, 1, 2))["pillarbox"] == 0.2


def test_one_bar_or_two_of_different_levels_are_none():
    assert measured(with_rows(np.r_[0:6], 255))["letterbox"] == 0
    assert measured(with_rows(np.r_[0:6], 0, with_rows(np.r_[54:60], 255)))["letterbox"] == 0


def test_a_thing_before_a_plain_ground_is_not_between_bars():
    ground = np.full((1, 60, 80), 250, np.float32)
    ground[:, 20:40, 30:50] = SCENE[:, 20:40, 30:50]
    assert measured(ground) == {"letterbox": 0, "pillarbox": 0, "cut": 0, "black_end": 0}


@pytest.mark.parametrize(("level", "name"), [(128, "cut"), (0, "black_end")])
def test_an_end_that_was_not_decoded(level, name):
    cut = with_rows(np.r_[40:60], level)
    cut[:, 36:40, 20:] = level  # the last row of blocks, decoded in part
    assert measured(cut)[name] == pytest.approx(0.33, abs=0.01)


def test_an_even_end_of_another_level_is_a_scene():
    assert measured(with_rows(np.r_[40:60], 200))["cut"] == 0


def test_blank_and_tiny_pictures_have_none():
    assert set(measured(np.zeros((1, 60, 80), np.float32)).values()) == {0}
    assert set(measured(np.zeros((1, 2, 1), np.float32)).values()) == {0}
