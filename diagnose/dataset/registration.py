"""Registration of two pictures: shifted, scaled, sheared and rotated slightly until they agree best.

Pictures are lumas of SIDE x SIDE. Their fine structure is compared: a picture minus its own blur has no brightness, and
correlation ignores contrast, so edited copies agree, and different pictures of the same composition don't. A
correlation by Fourier transform finds the shift at a few scales, and Gauss-Newton steps refine it to an affine map
(Lucas and Kanade 1981; Baker and Matthews 2004).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

SIDE = 32
Lumas = NDArray[np.float32]  # (pairs, SIDE, SIDE)

FINE = 2.5  # px: the deviation of the blur that is subtracted
SMOOTH = 0.8  # px: of the blur before gradients are taken
SCALES = (1.0, 0.82, 1.22)  # of one picture relative to the other
FARTHEST = 8  # px: the largest shift
STEPS = 10  # of Gauss-Newton
# Regularisation of each parameter of the map: the four of its matrix, in shares of the side, and the two shifts.
DAMPING = np.diag([1500.0, 1500.0, 30.0, 1500.0, 1500.0, 30.0])
MOST_TURNED, MOST_SHIFTED = 0.35, 10.0
LEAST_OVERLAP = 0.5  # of the picture
CORNER, GROUND_LEVELS = 2, 10.0  # px; levels of 255 within which three corners are one plain background
LEAST_GROUND = 0.1  # of the picture
LEAST_INSIDE, LEAST_SPREAD = 40, 2.5  # px, and levels of deviation, above which the inside distinguishes pictures


class Agreement(NamedTuple):
    """Per pair: the correlation of the fine structure where they overlap, -1..1; and the map from the first's pixels to
    the second's, (pairs, 6): x' = (1+a)x + by + c, y' = dx + (1+e)y + f, relative to the centre."""

    score: NDArray[np.float32]
    map: NDArray[np.float32]


def _blur(deviation: float) -> NDArray[np.float32]:
    """(SIDE, SIDE): a Gaussian filter over the rows, mirrored at the edges."""
    reach = int(4 * deviation + 0.5)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    matrix = np.zeros((SIDE, SIDE))
    for row in range(SIDE):
        for step, weight in zip(range(-reach, reach + 1), kernel / kernel.sum(), strict=True):
            place = (row + step) % (2 * SIDE)
            matrix[row, place if place < SIDE else 2 * SIDE - 1 - place] += weight
    return matrix.astype(np.float32)


def _scaled(scale: float) -> NDArray[np.float32]:
    """(SIDE, SIDE): scales the rows around the centre, linearly interpolated; 0 beyond the edge."""
    matrix = np.zeros((SIDE, SIDE))
    for row in range(SIDE):
        place = (row - MIDDLE) * scale + MIDDLE
        low = int(np.floor(place))
        for near, weight in ((low, 1 - (place - low)), (low + 1, place - low)):
            if 0 <= near < SIDE:
                matrix[row, near] += weight
    return matrix.astype(np.float32)


MIDDLE = (SIDE - 1) / 2
COARSE, TINY = _blur(FINE), _blur(SMOOTH)
NEAR = (np.abs(np.subtract.outer(np.arange(SIDE), np.arange(SIDE))) <= 1).astype(np.float32)  # a pixel's neighbours
ZOOMS = [_scaled(scale) for scale in SCALES]
ROWS, COLUMNS = (axis.astype(np.float32) - MIDDLE for axis in np.mgrid[0:SIDE, 0:SIDE])
PADDED = SIDE + 2 * FARTHEST


def fine(lumas: Lumas) -> Lumas:
    """The fine structure: the pictures minus their blur."""
    return np.asarray(lumas - COARSE @ lumas @ COARSE.T, np.float32)


def shifted(first: Lumas, second: Lumas) -> Agreement:
    """The best shift at the best of a few scales. Fast and coarse: a first guess, and a filter for hopeless pairs."""
    own = fine(first)
    seen = fft.rfft2(own, (PADDED, PADDED))
    energy = np.maximum((own**2).sum((1, 2)), 1.0)
    count = len(first)
    best = np.full(count, -1.0, np.float32)
    found = np.zeros((count, 6), np.float32)
    window = np.arange(-FARTHEST, FARTHEST + 1)
    share = 1 - np.abs(window) / SIDE
    for scale, zoom in zip(SCALES, ZOOMS, strict=True):
        other = fine(np.asarray(zoom @ second @ zoom.T, np.float32))
        both = np.sqrt(energy * np.maximum((other**2).sum((1, 2)), 1.0))
        agreed = fft.irfft2(seen.conj() * fft.rfft2(other, (PADDED, PADDED)), (PADDED, PADDED))
        near = agreed[:, window[:, None], window] / (both[:, None, None] * np.sqrt(share[:, None] * share))
        flat = near.reshape(count, -1)
        place = flat.argmax(1)
        score = flat[np.arange(count), place].astype(np.float32)
        better = score > best
        best[better] = score[better]
        rows, columns = window[place // len(window)], window[place % len(window)]
        guess = np.zeros((count, 6), np.float32)
        guess[:, 0] = guess[:, 4] = scale - 1
        guess[:, 2], guess[:, 5] = scale * columns, scale * rows
        found[better] = guess[better]
    return Agreement(best, found)


def registered(first: Lumas, second: Lumas, guess: NDArray[np.float32]) -> Agreement:
    """The pairs registered as well as possible, from a first guess of the map."""
    smooth = [np.asarray(TINY @ one @ TINY.T, np.float32) for one in (first, second)]
    refined = _refined(smooth[0], smooth[1], guess)
    own, other = fine(first), second
    tried = [(_agreement(own, *mapped(other, one)), one) for one in (guess, refined)]
    better = tried[1][0] >= tried[0][0]
    return Agreement(np.where(better, tried[1][0], tried[0][0]), np.where(better[:, None], tried[1][1], tried[0][1]))


def within(first: Lumas, second: Lumas, maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """The correlation of the fine structure inside objects on a plain background, by maps from first to second.

    Outlines agree between all shoes of a shop and all letters p and q, and outweigh the inside. So the background is
    left out, and the inside is compared with its own blur (normalised convolution: Knutsson and Westin 1993). 1 where
    either picture has no plain background; NaN where the inside is too small or too smooth to compare.
    """
    result = np.ones(len(first), np.float32)
    if not len(first):
        return result
    seen, inside = mapped(second, maps)
    grounds = [_ground(first), mapped(_ground(second), maps)[0]]
    plain = np.minimum(*(ground.mean((1, 2)) for ground in grounds)) >= LEAST_GROUND
    if not plain.any():
        return result
    whole = inside[plain] * np.prod([NEAR @ (ground[plain] > 0.5) @ NEAR.T < 0.5 for ground in grounds], axis=0)
    one, two = (_own_structure(lumas[plain], whole) for lumas in (first, seen))
    count = whole.sum((1, 2))
    spread = np.minimum(*(np.sqrt((own**2).sum((1, 2)) / np.maximum(count, 1.0)) for own in (one, two)))
    energy = np.sqrt((one**2).sum((1, 2)) * (two**2).sum((1, 2)))
    score = (one * two).sum((1, 2)) / np.maximum(energy, 1.0)
    result[plain] = np.where((count < LEAST_INSIDE) | (spread < LEAST_SPREAD), np.nan, score)
    return result


def _ground(lumas: Lumas) -> Lumas:
    """1 where a picture has the level of its corners, if three of them share one; 0 elsewhere."""
    ends = (slice(0, CORNER), slice(SIDE - CORNER, SIDE))
    corners = [lumas[:, rows, columns].mean((1, 2)) for rows in ends for columns in ends]
    levels = np.sort(np.stack(corners, 1), axis=1)
    level = np.where(levels[:, 2] - levels[:, 0] < levels[:, 3] - levels[:, 1], levels[:, 1], levels[:, 2])
    even = np.minimum(levels[:, 2] - levels[:, 0], levels[:, 3] - levels[:, 1]) <= GROUND_LEVELS
    ground = np.abs(lumas - level[:, None, None]) <= GROUND_LEVELS
    plain: Lumas = (ground & even[:, None, None]).astype(np.float32)
    return plain


def _own_structure(lumas: Lumas, whole: Lumas) -> Lumas:
    """The fine structure in the parts of a picture that `whole` marks, without their outlines."""
    weight = np.maximum(COARSE @ whole @ COARSE.T, 1e-3)
    own = (lumas - (COARSE @ (lumas * whole) @ COARSE.T) / weight) * whole
    count = np.maximum(whole.sum((1, 2)), 1.0)
    return np.asarray((own - (own.sum((1, 2)) / count)[:, None, None]) * whole, np.float32)


def _agreement(own: Lumas, other: Lumas, inside: Lumas) -> NDArray[np.float32]:
    """The correlation where both are visible; -1 where that area is too small."""
    covered = inside.mean((1, 2))
    total = np.maximum(inside.sum((1, 2)), 1.0)
    other = fine(other)
    one, two = ((values - ((values * inside).sum((1, 2)) / total)[:, None, None]) * inside for values in (own, other))
    energy = np.sqrt((one**2).sum((1, 2)) * (two**2).sum((1, 2)))
    score = (one * two).sum((1, 2)) / np.maximum(energy, 1.0)
    return np.where(covered >= LEAST_OVERLAP, score, -1.0).astype(np.float32)


def mapped(lumas: Lumas, maps: NDArray[np.float32]) -> tuple[Lumas, Lumas]:
    """The pictures resampled by their maps, and where these fall inside (1) or beyond the edge (0)."""
    a, b, c, d, e, f = (maps[:, number, None, None] for number in range(6))
    across = (1 + a) * COLUMNS + b * ROWS + c + MIDDLE
    down = d * COLUMNS + (1 + e) * ROWS + f + MIDDLE
    inside = (across >= 0) & (across <= SIDE - 1) & (down >= 0) & (down <= SIDE - 1)
    left, top = np.clip(across.astype(np.int32), 0, SIDE - 2), np.clip(down.astype(np.int32), 0, SIDE - 2)
    right, below = np.clip(across - left, 0, 1), np.clip(down - top, 0, 1)
    flat = lumas.reshape(len(lumas), -1)
    corner = (np.arange(len(lumas), dtype=np.int32)[:, None, None] * (SIDE * SIDE) + top * SIDE + left).ravel()
    values = flat.ravel()
    shape = across.shape
    nw, ne, sw, se = (values[corner + step].reshape(shape) for step in (0, 1, SIDE, SIDE + 1))
    upper, lower = nw + (ne - nw) * right, sw + (se - sw) * right
    return (upper + (lower - upper) * below).astype(np.float32), inside.astype(np.float32)


def _refined(first: Lumas, second: Lumas, guess: NDArray[np.float32]) -> NDArray[np.float32]:
    maps = guess.copy()
    for _ in range(STEPS):
        seen, inside = mapped(second, maps)
        total = np.maximum(inside.sum((1, 2)), 1.0)
        one, two = (
            (values - ((values * inside).sum((1, 2)) / total)[:, None, None]) * inside for values in (first, seen)
        )
        gain = ((one * two).sum((1, 2)) / np.maximum((two**2).sum((1, 2)), 1.0))[:, None, None]
        down, across = np.gradient(seen, axis=(1, 2))
        down, across = down * gain * inside, across * gain * inside
        slopes = np.stack((across * COLUMNS, across * ROWS, across, down * COLUMNS, down * ROWS, down), -1).reshape(
            len(first), -1, 6
        )
        left = (one - gain * two).reshape(len(first), -1, 1)
        turned = slopes.transpose(0, 2, 1)
        maps = maps + np.linalg.solve(turned @ slopes + DAMPING, turned @ left)[:, :, 0].astype(np.float32)
        maps[:, [0, 1, 3, 4]] = np.clip(maps[:, [0, 1, 3, 4]], -MOST_TURNED, MOST_TURNED)
        maps[:, [2, 5]] = np.clip(maps[:, [2, 5]], -MOST_SHIFTED, MOST_SHIFTED)
    return maps
