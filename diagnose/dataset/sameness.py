"""Whether two pictures whose fine structure agrees are the same picture: by their colours, and where they have little
structure, such as flags, letters and drawings, by their levels. Both are held against one another as the map of their
registration lays them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diagnose.dataset.neighbours import turned
from diagnose.dataset.registration import fine, mapped
from diagnose.dataset.thumbnails import COLOUR_SIDE, SIDE, Thumbnails

# The number of independent rows of the fine structure: flags have 1 to 4, digits 2 to 5, 19 of 20 of CIFAR-10 over 4.9.
SIMPLE = 4.5
# Levels that count as one; the deviation of 3 x 3 pixels that are even; the share of a picture beside its usual level
# that is even in a drawing, and the share that is there at all in more than a few strokes.
# A picture of which less than RICH is beside its usual level, and whose colour has less than COLOURED levels, may be a
# letter or a sign, and mirrored another one.
LEVEL, EVEN, DRAWN, LEAST_DRAWN = 4.0, 1.5, 0.4, 0.4
RICH, COLOURED = 0.5, 4.0
SAME_SHARE = 0.1  # of their deviation, the same, laid over one another
SAME_LEVELS = 3.0  # of 255, mean difference of simple pictures that count as the same
ONE_COLOUR = 0.77  # likeness of colours from which on they count as the same
CAST = 8.0  # levels of colour by which a cast over the whole picture may differ
GREY = 1.0  # levels of colour below which a picture is grey: its encoding makes half a level
FAINT = 2.0  # levels by which colours that are the same may differ: JPEG's coarse colours
# Where colours do not confirm a pair, or its map stretches one picture by more than BENT, the structure has to agree at
# SURE: of 126 copies that people made of CIFAR-10 it loses 2 more, and 8 of 9 pairs of other cars and aircraft.
BENT, SURE = 0.12, 0.88
GROWN = np.kron(np.eye(COLOUR_SIDE, dtype=np.float32), np.ones((SIDE // COLOUR_SIDE, 1), np.float32))

Colours = NDArray[np.float32]  # (pairs, 2, SIDE, SIDE)


class Compared(NamedTuple):
    """Of each pair: how well its fine structure agrees, laid over one another as well as it will go; how well what
    stands on a plain ground agrees inside (registration.within); the map from the first's pixels to the second's."""

    score: NDArray[np.float32]
    inside: NDArray[np.float32]
    map: NDArray[np.float32]


def same(
    first: Thumbnails,
    second: Thumbnails,
    turns: NDArray[np.int8],
    found: Compared,
) -> NDArray[np.bool_]:
    """Which pairs of agreeing structure are the same picture. turns: of each (pairs, 2), as Proposed has it."""
    if not len(turns):
        return np.zeros(0, np.bool_)
    one, other = (turned(small.luma, turns[:, side]) for side, small in enumerate((first, second)))
    colours = [
        np.stack([turned(GROWN @ small.colour[:, one] @ GROWN.T, turns[:, side]) for one in range(2)], axis=1)
        for side, small in enumerate((first, second))
    ]
    seen, inside = mapped(other, found.map)
    colours[1] = np.stack([mapped(colours[1][:, one], found.map)[0] for one in range(2)], axis=1)
    may, surely, coloured = _colours(colours[0], colours[1], inside)
    bent = np.abs(found.map[:, [0, 1, 3, 4]]).max(1) > BENT
    drawn = _drawn(one) | _drawn(other)
    simple = np.isnan(found.inside) | (np.minimum(_rank(one), _rank(other)) < SIMPLE) | drawn
    rich = np.minimum(_beside_ground(one).mean((1, 2)), _beside_ground(other).mean((1, 2))) >= RICH
    simple |= ~(rich | coloured)
    exact = np.abs(_levelled(one) - _levelled(other)).mean((1, 2)) <= SAME_LEVELS
    exact |= coloured & ~drawn & ~bent & (_left(one, seen, inside) <= SAME_SHARE)
    standing = turns[:, 0] == turns[:, 1]
    told = may & ((surely & ~bent) | (found.score >= SURE))
    return np.asarray(told & (~simple | (standing & exact)), np.bool_)


def _left(first: NDArray[np.float32], second: NDArray[np.float32], inside: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean difference where both are seen, brightness aside, in shares of the smaller deviation of the two."""
    count = np.maximum(inside.sum((1, 2)), 1.0)
    one, other = ((luma - ((luma * inside).sum((1, 2)) / count)[:, None, None]) * inside for luma in (first, second))
    spread = np.sqrt(np.minimum((one**2).sum((1, 2)), (other**2).sum((1, 2))) / count)
    return np.asarray(np.abs(one - other).sum((1, 2)) / count / np.maximum(spread, 1.0), np.float32)


def _levelled(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    levelled: NDArray[np.float32] = luma - luma.mean((1, 2), keepdims=True)
    return levelled


def _beside_ground(luma: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where a picture has another level than its most usual one."""
    levels = (luma / LEVEL).astype(np.int64).reshape(len(luma), -1)
    usual = np.array([np.bincount(one).argmax() for one in levels], np.float32) * LEVEL + LEVEL / 2
    beside: NDArray[np.bool_] = np.abs(luma - usual[:, None, None]) > 2 * LEVEL
    return beside


def _drawn(luma: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which pictures are letters, icons or flat drawings: little beside one level, or even areas."""
    rest = _beside_ground(luma)
    around = np.lib.stride_tricks.sliding_window_view(luma, (3, 3), axis=(1, 2))
    even = around.std((3, 4)) <= EVEN
    inner = rest[:, 1:-1, 1:-1]
    share = (even & inner).sum((1, 2)) / np.maximum(inner.sum((1, 2)), 1)
    told: NDArray[np.bool_] = (share >= DRAWN) | (rest.mean((1, 2)) < LEAST_DRAWN)
    return told


def _rank(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """The number of independent rows of the fine structure: e to the entropy of its singular values' shares."""
    energy = np.linalg.svd(fine(luma), compute_uv=False) ** 2
    share = energy / np.maximum(energy.sum(1, keepdims=True), 1e-6)
    told: NDArray[np.float32] = np.exp(-(share * np.log(np.maximum(share, 1e-12))).sum(1)).astype(np.float32)
    return told


def _colours(
    first: Colours, second: Colours, inside: NDArray[np.float32]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Which pairs may have one colour, which surely have, and which have one at all. Colours are one where they are
    alike, more or less saturated, as they are or without a cast over the whole picture; they may be, where one picture
    has none."""
    count = np.maximum(inside.sum((1, 2)), 1.0)
    means = [(colour * inside[:, None]).sum((2, 3)) / count[:, None] for colour in (first, second)]
    whole = _likeness(first, second, inside)
    one, other = (colour - mean[:, :, None, None] for colour, mean in zip((first, second), means, strict=True))
    own = _likeness(one, other, inside)
    spread = [np.sqrt(((colour**2).sum(1) * inside).sum((1, 2)) / (2 * count)) for colour in (first, second)]
    apart = np.sqrt((((first - second) ** 2).sum(1) * inside).sum((1, 2)) / (2 * count))
    cast = np.abs(means[0] - means[1]).max(1) <= CAST
    close = apart <= FAINT
    may = (whole >= ONE_COLOUR) | ((own >= ONE_COLOUR) & cast) | close | (np.minimum(*spread) < GREY)
    return may, close | (np.minimum(whole, own) >= ONE_COLOUR), np.minimum(*spread) >= COLOURED


def _likeness(first: Colours, second: Colours, inside: NDArray[np.float32]) -> NDArray[np.float32]:
    """The cosine of two pictures' colours, where both are seen."""
    one, other = ((colour * inside[:, None]).reshape(len(colour), -1) for colour in (first, second))
    energy = np.sqrt((one**2).sum(1) * (other**2).sum(1))
    return np.asarray((one * other).sum(1) / np.maximum(energy, 1e-6), np.float32)
