"""Whether two pictures whose fine structure agrees are the same picture: by their colours, and where they have little
structure, such as flags, letters and drawings, by their levels. Both are compared after registration."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from diagnose.dataset.neighbours import turned
from diagnose.dataset.registration import fine, mapped
from diagnose.dataset.thumbnails import COLOUR_SIDE, SIDE, Thumbnails

# The number of independent rows of the fine structure: flags have 1 to 4, digits 2 to 5, 19 of 20 of CIFAR-10 over 4.9.
SIMPLE = 4.5
# Levels that count as equal; the deviation of even 3 x 3 pixels; the share of even pixels among those off the usual
# level that makes a drawing, and the share off the usual level below which a picture is a few strokes.
# A picture with less than RICH off its usual level, and whose colour deviates less than COLOURED levels, may be a
# letter or a sign, which becomes another one when mirrored.
LEVEL, EVEN, DRAWN, LEAST_DRAWN = 4.0, 1.5, 0.4, 0.4
RICH, COLOURED = 0.5, 4.0
SAME_SHARE = 0.1  # of their deviation: the residual of the same picture after registration
SAME_LEVELS = 3.0  # of 255, mean difference up to which simple pictures count as the same
ONE_COLOUR = 0.77  # likeness of colours above which they count as the same
CAST = 8.0  # levels of colour that a colour cast may add
GREY = 1.0  # levels of colour below which a picture is grey: encoding adds half a level
FAINT = 2.0  # levels by which equal colours may differ: JPEG's coarse colours
# Where colours don't confirm a pair, or its map stretches one picture by more than BENT, the structure has to agree by
# SURE: this loses 2 more of 126 copies that people made of CIFAR-10, and 8 of 9 pairs of different cars and aircraft.
BENT, SURE = 0.12, 0.88
GROWN = np.kron(np.eye(COLOUR_SIDE, dtype=np.float32), np.ones((SIDE // COLOUR_SIDE, 1), np.float32))

Colours = NDArray[np.float32]  # (pairs, 2, SIDE, SIDE)


class Compared(NamedTuple):
    """Per pair: how well the fine structure agrees after registration; how well objects on a plain background agree
    inside (registration.within); the map from the first's pixels to the second's."""

    score: NDArray[np.float32]
    inside: NDArray[np.float32]
    map: NDArray[np.float32]


def same(
    first: Thumbnails,
    second: Thumbnails,
    turns: NDArray[np.int8],
    found: Compared,
) -> NDArray[np.bool_]:
    """Which pairs of agreeing structure are the same picture. turns: (pairs, 2), as in Proposed."""
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
    agreeing = may & ((surely & ~bent) | (found.score >= SURE))
    return np.asarray(agreeing & (~simple | (standing & exact)), np.bool_)


def _left(first: NDArray[np.float32], second: NDArray[np.float32], inside: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean difference where both are visible, ignoring brightness, in shares of the smaller deviation."""
    count = np.maximum(inside.sum((1, 2)), 1.0)
    one, other = ((luma - ((luma * inside).sum((1, 2)) / count)[:, None, None]) * inside for luma in (first, second))
    spread = np.sqrt(np.minimum((one**2).sum((1, 2)), (other**2).sum((1, 2))) / count)
    return np.asarray(np.abs(one - other).sum((1, 2)) / count / np.maximum(spread, 1.0), np.float32)


def _levelled(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    levelled: NDArray[np.float32] = luma - luma.mean((1, 2), keepdims=True)
    return levelled


def _beside_ground(luma: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where a picture's level differs from its most frequent one."""
    levels = (luma / LEVEL).astype(np.int64).reshape(len(luma), -1)
    usual = np.array([np.bincount(one).argmax() for one in levels], np.float32) * LEVEL + LEVEL / 2
    beside: NDArray[np.bool_] = np.abs(luma - usual[:, None, None]) > 2 * LEVEL
    return beside


def _drawn(luma: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which pictures are letters, icons or flat drawings: mostly one level, or even areas."""
    rest = _beside_ground(luma)
    around = np.lib.stride_tricks.sliding_window_view(luma, (3, 3), axis=(1, 2))
    even = around.std((3, 4)) <= EVEN
    inner = rest[:, 1:-1, 1:-1]
    share = (even & inner).sum((1, 2)) / np.maximum(inner.sum((1, 2)), 1)
    drawn: NDArray[np.bool_] = (share >= DRAWN) | (rest.mean((1, 2)) < LEAST_DRAWN)
    return drawn


def _rank(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """The effective rank of the fine structure: e to the entropy of its singular values' shares."""
    energy = np.linalg.svd(fine(luma), compute_uv=False) ** 2
    share = energy / np.maximum(energy.sum(1, keepdims=True), 1e-6)
    rank: NDArray[np.float32] = np.exp(-(share * np.log(np.maximum(share, 1e-12))).sum(1)).astype(np.float32)
    return rank


def _colours(
    first: Colours, second: Colours, inside: NDArray[np.float32]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Which pairs may have the same colours, which surely have, and which have colours at all. Colours are the same if
    they are alike at any saturation, with or without a colour cast; they may be the same if one picture has none."""
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
    """The cosine of two pictures' colours, where both are visible."""
    one, other = ((colour * inside[:, None]).reshape(len(colour), -1) for colour in (first, second))
    energy = np.sqrt((one**2).sum(1) * (other**2).sum(1))
    return np.asarray((one * other).sum(1) / np.maximum(energy, 1e-6), np.float32)
