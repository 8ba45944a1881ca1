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


@dataclass(frozen=True)
class Line:
    """One curve. name: for the legend; kind: which style the page gives it; points: as SVG writes them."""

    name: str
    kind: str
    points: str


@dataclass(frozen=True)
class Chart:
    """All that a template needs. x_ticks, y_ticks, marks, levels: (place, label)."""

    title: str
    x: str
    y: str
    lines: tuple[Line, ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    marks: tuple[tuple[float, str], ...] = ()
    levels: tuple[tuple[float, str], ...] = ()


def chart(
    title: str,
    x: str,
    y: str,
    curves: Iterable[tuple[str, str, Points]],
    logarithmic: bool = False,
    marks: Iterable[tuple[float, str]] = (),
    levels: Iterable[tuple[float, str]] = (),
) -> Chart | None:
    """A chart of curves (name, kind, points); None where no curve has two finite points.

    logarithmic: of the x axis, whose values are positive then. marks, levels: (x or y, label) of vertical and
    horizontal lines.
    """
    kept = [(name, kind, [p for p in points if all(map(math.isfinite, p))]) for name, kind, points in curves]
    kept = [(name, kind, points) for name, kind, points in kept if len(points) > 1]
    if not kept:
        return None
    at = math.log10 if logarithmic else float
    marked = [(at(place), label) for place, label in marks]
    xs = [at(px) for _, _, points in kept for px, _ in points] + [place for place, _ in marked]
    across_page = list(levels)
    ys = [py for _, _, points in kept for _, py in points] + [place for place, _ in across_page]
    x_low, x_high, y_low, y_high = min(xs), max(xs), min(ys), max(ys)

    def across(value: float) -> float:
        return round(LEFT + (value - x_low) / ((x_high - x_low) or 1) * (WIDTH - LEFT - RIGHT), 1)

    def down(value: float) -> float:
        return round(HEIGHT - BOTTOM - (value - y_low) / ((y_high - y_low) or 1) * (HEIGHT - TOP - BOTTOM), 1)

    decades = range(math.ceil(x_low), math.floor(x_high) + 1)
    x_ticks = [(float(d), f"1e{d}") for d in decades] if logarithmic else _ticks(x_low, x_high)
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
    )


def _ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Round values from low to high."""
    span = (high - low) or 1.0
    power = 10.0 ** math.floor(math.log10(span / TICKS))
    step = next(step * power for step in STEPS if step * power >= span / TICKS)
    first = math.ceil(low / step - 1e-9)
    return [(n * step, f"{n * step:.6g}") for n in range(first, math.floor(high / step + 1e-9) + 1)]
