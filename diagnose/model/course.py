"""What the course of a logged curve says: its noise, its levels, where it turned and whether it still moved.

Noise is that of the curve itself, from its second differences, which a smooth trend hardly touches, and at least that
of counting on so many images where their number is known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from diagnose.model.history import Curve, Point

NORMAL_MAD = 1.4826  # a normal's standard deviation by the median of its absolute deviations
SECOND = 6**0.5  # standard deviations of x[i-1] - 2 x[i] + x[i+1], of independent noise with one of 1
FEWEST = 5  # points, below which a curve says nothing of its noise


def jitter(values: Sequence[float]) -> float | None:
    """The standard deviation of a curve around its own trend; None for fewer than FEWEST values.

    Source: differences of second order (Gasser, Sroka and Jennen-Steinmetz, Biometrika 73, 1986), with the median, so
    that single breaks do not count.
    """
    if len(values) < FEWEST:
        return None
    second = [abs(a - 2 * b + c) for a, b, c in zip(values, values[1:], values[2:], strict=False)]
    return NORMAL_MAD * median(second) / SECOND


def counting(share: float, images: int | None) -> float:
    """The standard deviation of an accuracy (0..1) that is counted on so many images; 0 where they are unknown."""
    return math.sqrt(max(share * (1 - share), 0.25 / images) / images) if images else 0.0


def smoothed(points: Sequence[Point], width: int) -> list[Point]:
    """Medians of `width` points around each, fewer at the ends."""
    half = width // 2
    return [
        Point(point.x, median(p.value for p in points[max(0, n - half) : n + half + 1]), point.line)
        for n, point in enumerate(points)
    ]


def width_of(count: int) -> int:
    """How many points a level is taken over: about a tenth of them, an odd number from 1 to 9."""
    return min(9, 2 * (count // 20) + 1)


def level(points: Sequence[Point]) -> float:
    """The median value."""
    return median(point.value for point in points)


@dataclass(frozen=True)
class Turn:
    """How a curve rose after its lowest level. at: where that was. lowest, last: levels there and at the end, over
    `points` values each. rise: last - lowest; error: its standard error; after: how many points follow the lowest."""

    at: float
    lowest: float
    last: float
    rise: float
    error: float
    after: int

    @property
    def sure(self) -> bool:
        """Whether the rise is more than three of its standard errors, which covers that the lowest was picked."""
        return self.rise > 3 * self.error and self.after >= 3


def turn(points: Sequence[Point]) -> Turn | None:
    """Where a curve was lowest and how far it has risen since; None for fewer than FEWEST finite points."""
    if len(points) < FEWEST:
        return None
    width = max(3, width_of(len(points)))
    smooth = smoothed(points, width)
    low = min(range(len(smooth)), key=lambda n: smooth[n].value)
    tail = points[-width:]
    noise = jitter([point.value for point in points[max(0, low - width) :]]) or jitter([p.value for p in points]) or 0.0
    error = noise * math.sqrt(2 / width)
    return Turn(
        points[low].x, smooth[low].value, level(tail), level(tail) - smooth[low].value, error, len(points) - 1 - low
    )


def slope(points: Sequence[Point], noise: float | None = None) -> tuple[float, float] | None:
    """The change over the points by a straight line, from the first x to the last, and its standard error from the
    noise that is given, else from their own; None for fewer than FEWEST points without one, and for a single point."""
    noise = jitter([point.value for point in points]) if noise is None else noise
    if noise is None or len(points) < 2:
        return None
    mean_x, mean_y = fmean(p.x for p in points), fmean(p.value for p in points)
    spread = sum((p.x - mean_x) ** 2 for p in points)
    if spread == 0:
        return None
    span = points[-1].x - points[0].x
    steep = sum((p.x - mean_x) * (p.value - mean_y) for p in points) / spread
    return steep * span, noise / math.sqrt(spread) * span


def at(curve: Curve, x: float) -> float | None:
    """The value of a curve at x: of the point there, else of the nearest before it; None before its first."""
    before = [point for point in curve.finite if point.x <= x + 1e-9]
    return before[-1].value if before else None


def paired(first: Curve, second: Curve) -> list[tuple[float, float, float]]:
    """(x, first, second) where the second has a point: the first's mean since the second's last point, or its nearest
    value before. So curves that are logged at different steps meet."""
    joined, since = [], -math.inf
    for point in second.finite:
        between = [p.value for p in first.finite if since < p.x <= point.x + 1e-9]
        value = fmean(between) if between else at(first, point.x)
        if value is not None:
            joined.append((point.x, value, point.value))
        since = point.x
    return joined


def smoothed_at(curve: Curve, x: float, width: int) -> float | None:
    """The median of `width` values around x; None without a value up to there."""
    points = curve.finite
    near = [n for n, point in enumerate(points) if point.x <= x + 1e-9]
    if not near:
        return None
    half = width // 2
    return level(points[max(0, near[-1] - half) : near[-1] + half + 1])


def last_part(points: Sequence[Point], share: float) -> list[Point]:
    """The points in the last share (0..1) of them."""
    return list(points[len(points) - max(1, round(share * len(points))) :])
