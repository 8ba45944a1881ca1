"""Line charts as numbers for a page's inline SVG: curves in the units of a view box, and ticks at round values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 480, 240  # units of the view box
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 10, 36  # room for the labels
TICKS = 5  # about as many on an axis
STEPS = (1, 2, 2.5, 5, 10)

Points = Sequence[tuple[float, float]]
Band = Sequence[tuple[float, float, float]]  # x, the lower and the upper end


@dataclass(frozen=True)
class Line:
    """One curve. name: for the legend; kind: which style the page gives it; points: as SVG writes them."""

    name: str
    kind: str
    points: str


@dataclass(frozen=True)
class Chart:
    """All that a template needs. x_ticks, y_ticks, marks, levels: (place, label). bands: areas, their points the
    outline."""

    title: str
    x: str
    y: str
    lines: tuple[Line, ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    marks: tuple[tuple[float, str], ...] = ()
    levels: tuple[tuple[float, str], ...] = ()
    bands: tuple[Line, ...] = ()


def chart(
    title: str,
    x: str,
    y: str,
    curves: Iterable[tuple[str, str, Points]],
    logarithmic: bool = False,
    marks: Iterable[tuple[float, str]] = (),
    levels: Iterable[tuple[float, str]] = (),
    bands: Iterable[tuple[str, str, Band]] = (),
) -> Chart | None:
    """A chart of curves (name, kind, points); None where no curve has two finite points.

    logarithmic: of the x axis, whose values are positive then. marks, levels: (x or y, label) of vertical and
    horizontal lines. bands: (name, kind, points) of areas behind the curves, such as intervals.
    """
    kept = [(name, kind, [p for p in points if all(map(math.isfinite, p))]) for name, kind, points in curves]
    kept = [(name, kind, points) for name, kind, points in kept if len(points) > 1]
    if not kept:
        return None
    at = math.log10 if logarithmic else float
    marked = [(at(place), label) for place, label in marks]
    across_page = list(levels)
    areas = [(name, kind, [p for p in band if all(map(math.isfinite, p))]) for name, kind, band in bands]
    areas = [(name, kind, band) for name, kind, band in areas if len(band) > 1]
    xs = [at(px) for _, _, points in kept for px, _ in points] + [place for place, _ in marked]
    xs += [at(px) for _, _, band in areas for px, _, _ in band]
    ys = [py for _, _, points in kept for _, py in points] + [place for place, _ in across_page]
    ys += [end for _, _, band in areas for _, low, high in band for end in (low, high)]
    x_low, x_high, y_low, y_high = min(xs), max(xs), min(ys), max(ys)

    def across(value: float) -> float:
        return round(LEFT + (value - x_low) / ((x_high - x_low) or 1) * (WIDTH - LEFT - RIGHT), 1)

    def down(value: float) -> float:
        return round(HEIGHT - BOTTOM - (value - y_low) / ((y_high - y_low) or 1) * (HEIGHT - TOP - BOTTOM), 1)

    x_ticks = _decades(x_low, x_high) if logarithmic else _ticks(x_low, x_high)
    outlines = (
        (name, kind, [*((px, low) for px, low, _ in band), *((px, high) for px, _, high in reversed(band))])
        for name, kind, band in areas
    )
    return Chart(
        title,
        x,
        y,
        tuple(
            Line(name, kind, " ".join(f"{across(at(px))},{down(py)}" for px, py in points))
            for name, kind, points in kept
        ),
        tuple((across(value), label) for value, label in x_ticks),
        tuple((down(value), label) for value, label in _ticks(y_low, y_high)),
        tuple((across(place), label) for place, label in marked),
        tuple((down(place), label) for place, label in across_page),
        tuple(
            Line(name, kind, " ".join(f"{across(at(px))},{down(py)}" for px, py in points))
            for name, kind, points in outlines
        ),
    )


def _decades(low: float, high: float) -> list[tuple[float, str]]:
    """Powers of ten from low to high, which are logarithms; where fewer than two lie between, 1, 2 and 5 times them."""
    powers = range(math.floor(low), math.ceil(high) + 1)
    if sum(low <= power <= high for power in powers) > 1:
        return [(float(power), f"1e{power}") for power in powers if low <= power <= high]
    values = [factor * 10.0**power for power in powers for factor in (1, 2, 5)]
    return [(math.log10(value), f"{value:.6g}") for value in values if low <= math.log10(value) <= high]


def _ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Round values from low to high."""
    span = (high - low) or 1.0
    power = 10.0 ** math.floor(math.log10(span / TICKS))
    step = next(step * power for step in STEPS if step * power >= span / TICKS)
    first = math.ceil(low / step - 1e-9)
    return [(n * step, f"{n * step:.6g}") for n in range(first, math.floor(high / step + 1e-9) + 1)]
