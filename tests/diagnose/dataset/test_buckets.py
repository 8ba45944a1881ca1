"""The nearest neighbours of each picture, in one bucket or in many."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from diagnose.dataset import buckets
from diagnose.dataset.buckets import pairs_of, standing
from diagnose.dataset.near import proposed
from diagnose.dataset.neighbours import frequencies, oriented, turned
from diagnose.dataset.pieces import Pool
from diagnose.dataset.rows import Rows
from diagnose.dataset.thumbnails import COLOUR_SIDE, NO_COLOUR, SIDE, Thumbnails

RNG = np.random.default_rng(0)
LUMA = RNG.integers(0, 255, (60, 6, 6)).astype(np.float32).repeat(6, 1).repeat(6, 2)[:, :SIDE, :SIDE]
COPIES = {(n, n + len(LUMA)) for n in range(len(LUMA))}


def found_in(luma):
    colour = np.full((len(luma), 2 * COLOUR_SIDE * COLOUR_SIDE), NO_COLOUR)
    values = np.concatenate([np.clip(luma, 0, 255).reshape(len(luma), -1), colour], axis=1).astype(np.uint8)
    with Rows() as stored, ThreadPoolExecutor(2) as executor:
        stored.append(values)
        return proposed(stored, Pool(executor.submit, 2))


def pairs_in(luma):
    return set(map(tuple, pairs_of(found_in(luma), len(luma)).pairs.tolist()))


@pytest.mark.parametrize("turn", range(8))
def test_a_turned_copy_is_a_neighbour(turn):
    copies = turned(LUMA, np.full(len(LUMA), turn, np.int8))
    assert pairs_in(np.concatenate([LUMA, copies])) >= COPIES


def test_how_a_pair_was_turned_makes_them_alike():
    both = np.concatenate([LUMA, turned(LUMA, np.full(len(LUMA), 5, np.int8))])
    found = pairs_of(found_in(both), len(both))
    place = found.pairs.tolist().index([3, 3 + len(LUMA)])
    one, other = (turned(both[[found.pairs[place, side]]], found.turned[[place], side]) for side in range(2))
    assert np.array_equal(one, other)


def test_each_pair_comes_once_for_each_turn_and_no_picture_with_itself():
    keys = found_in(np.concatenate([LUMA, LUMA]))
    found = pairs_of(keys, 2 * len(LUMA))
    assert (found.pairs[:, 0] < found.pairs[:, 1]).all()
    assert (np.diff(keys) > 0).all()
    alike = found.turned[:, 0] == found.turned[:, 1]
    assert standing(keys).tolist() == (found.pairs[alike] @ [2 * len(LUMA), 1]).tolist()


def test_edges_find_what_low_frequencies_miss():
    rng = np.random.default_rng(1)
    shades = rng.normal(0, 60, (len(LUMA), 2, 2)).astype(np.float32).repeat(16, 1).repeat(16, 2)
    both = np.concatenate([LUMA, LUMA + shades])  # as if the light came from elsewhere
    small = Thumbnails(both, np.zeros((len(both), 2, COLOUR_SIDE, COLOUR_SIDE), np.float32))
    vectors, place, turn = oriented(*frequencies(small))
    assert COPIES - pairs_in(both) == set()
    assert (vectors[: len(LUMA)] * vectors[len(LUMA) : 2 * len(LUMA)]).sum(1).min() < 0.9
    assert len(place) == len(turn)


def test_many_are_searched_in_cells(monkeypatch):
    copies = LUMA + RNG.normal(0, 4, LUMA.shape).astype(np.float32)
    monkeypatch.setattr(buckets, "EXACT", 20)
    monkeypatch.setattr(buckets, "CELL", 30)
    assert pairs_in(np.concatenate([LUMA, copies])) >= COPIES


def test_a_cell_of_equal_pictures_is_cut(monkeypatch):
    sizes = []
    nearest = buckets.nearest
    monkeypatch.setattr(buckets, "EXACT", 20)
    monkeypatch.setattr(buckets, "CELL", 30)
    monkeypatch.setattr(buckets, "LARGEST", 40)
    monkeypatch.setattr(buckets, "nearest", lambda one: sizes.append((len(one.rows), len(one.columns))) or nearest(one))
    found = pairs_in(np.concatenate([np.repeat(LUMA[:1], 300, axis=0), LUMA[1:], LUMA[1:]]))
    assert max(rows for rows, _ in sizes) <= 40
    assert max(columns for _, columns in sizes) <= 80
    assert {(n, n + 59) for n in range(300, 359)} <= found


def test_the_same_whether_rows_come_in_one_block_or_in_several(monkeypatch):
    noise = RNG.integers(0, 255, (700, 8, 8)).astype(np.float32).repeat(4, 1).repeat(4, 2)
    whole = found_in(noise)
    monkeypatch.setattr(buckets, "BLOCK", buckets.AT_ONCE)
    assert np.array_equal(found_in(noise), whole)
