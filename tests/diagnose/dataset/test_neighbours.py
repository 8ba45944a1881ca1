"""Short vectors of pictures, and their nearest neighbours."""

import numpy as np
import pytest

from diagnose.dataset import neighbours
from diagnose.dataset.gradients import directions
from diagnose.dataset.neighbours import frequencies, oriented, proposed, turned
from diagnose.dataset.thumbnails import COLOUR_SIDE, SIDE, Thumbnails

RNG = np.random.default_rng(0)
LUMA = RNG.integers(0, 255, (60, 6, 6)).astype(np.float32).repeat(6, 1).repeat(6, 2)[:, :SIDE, :SIDE]


def thumbnails(luma):
    return Thumbnails(luma, np.zeros((len(luma), 2, COLOUR_SIDE, COLOUR_SIDE), np.float32))


def found_in(luma):
    return proposed(*frequencies(thumbnails(luma)), directions(luma))


def pairs_of(luma):
    return {tuple(pair) for pair in found_in(luma).pairs.tolist()}


@pytest.mark.parametrize("turn", range(8))
def test_a_turned_copy_has_the_same_vector(turn):
    copies = turned(LUMA, np.full(len(LUMA), turn, np.int8))
    assert {(n, n + len(LUMA)) for n in range(len(LUMA))} <= pairs_of(np.concatenate([LUMA, copies]))


def test_how_a_pair_was_turned_makes_them_alike():
    copies = turned(LUMA, np.full(len(LUMA), 5, np.int8))
    both = np.concatenate([LUMA, copies])
    found = found_in(both)
    place = found.pairs.tolist().index([3, 3 + len(LUMA)])
    one, other = (turned(both[[found.pairs[place, side]]], found.turned[[place], side]) for side in range(2))
    assert np.array_equal(one, other)


def test_brightness_and_contrast_do_not_count():
    vectors, place, _ = oriented(*frequencies(thumbnails(np.concatenate([LUMA, 0.5 * LUMA + 40]))))
    assert np.abs(vectors[: len(LUMA)] - vectors[len(LUMA) : 2 * len(LUMA)]).max() < 1e-4
    assert place[: 2 * len(LUMA)].tolist() == list(range(2 * len(LUMA)))


def test_many_are_searched_in_cells(monkeypatch):
    copies = LUMA + RNG.normal(0, 4, LUMA.shape).astype(np.float32)
    monkeypatch.setattr(neighbours, "EXACT", 20)
    monkeypatch.setattr(neighbours, "CELL", 30)
    assert {(n, n + len(LUMA)) for n in range(len(LUMA))} <= pairs_of(np.concatenate([LUMA, copies]))


def test_each_pair_comes_once_for_each_turn_and_no_picture_with_itself():
    found = found_in(np.concatenate([LUMA, LUMA]))
    assert (found.pairs[:, 0] < found.pairs[:, 1]).all()
    assert len(np.unique(np.hstack([found.pairs, found.turned]), axis=0)) == len(found.pairs)


def test_edges_find_what_low_frequencies_miss():
    rng = np.random.default_rng(1)
    shades = rng.normal(0, 60, (len(LUMA), 2, 2)).astype(np.float32).repeat(16, 1).repeat(16, 2)
    lit = LUMA + shades  # as if the light came from elsewhere
    vectors, place, turn = oriented(*frequencies(thumbnails(np.concatenate([LUMA, lit]))))
    count = len(LUMA)
    assert {(n, n + count) for n in range(count)} - pairs_of(np.concatenate([LUMA, lit])) == set()
    assert (vectors[:count] * vectors[count : 2 * count]).sum(1).min() < 0.9
    assert len(place) == len(turn)
