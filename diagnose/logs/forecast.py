"""Where a curve of validation accuracy is going: power laws through it, with an interval of 80%.

The laws y = a - b x^-c are fitted for a grid of c by weighted least squares, the later points more heavily, and
averaged by how well they fit; a flat continuation of the last values counts as one of them. What they disagree, what a
single evaluation varies, and how far ahead one looks make the interval; its two constants were set on public logs
(tests/benchmarks/README.md). A law says nothing beyond a change of the learning rate:
only what came after it is fitted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import NormalDist, median

from diagnose.model.course import counting, jitter
from diagnose.model.history import ACCURACY, RATE, Ahead, LoggedRun, Point
from diagnose.model.intervals import Interval

FEWEST = 6  # evaluations since the learning rate changed
POWERS = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0)
HALF_LIFE = 0.5  # of the fitted x: how far back a point counts half as much
LEVEL = 0.80
NEAREST = 1e-3  # epochs or steps, before which nothing is evaluated
FARTHEST = 4.0  # times the x so far: beyond it no law is asked
CHANGED = 1.9  # factor between two learning rates, from which the course is another one
ASTRAY = 0.5  # of the distance between forecast and last value, by which the law errs at twice the x
DRIFT = 0.25  # of the range of the fitted values, by which any course errs at twice the x
MORE = 1.5  # times the x so far, where the log doesn't say how many epochs are planned


def with_forecast(run: LoggedRun) -> LoggedRun:
    """The run with its forecast, or with the reason why none is made."""
    curve = run.held(ACCURACY)
    if curve is None:
        return replace(run, why_no_forecast="the log has no validation accuracy")
    points = _since_change(run, curve.finite)
    if len(points) < FEWEST:
        since = " since the learning rate changed" if len(points) < len(curve.finite) else ""
        return replace(run, why_no_forecast=f"{len(points)} evaluations{since} are too few to extrapolate")
    if points[0].x < NEAREST or any(other.x <= one.x for one, other in pairwise(points)):
        return replace(run, why_no_forecast="the places of its evaluations do not rise, as in a damaged log")
    last = points[-1].x
    target = float(run.planned) if run.planned and run.planned > last else MORE * last
    if target > FARTHEST * last:
        return replace(run, why_no_forecast=f"{run.at(target)} is more than {FARTHEST:g} times as far as the log goes")
    value, deviation = forecast(points, target, run.val_images)
    half = NormalDist().inv_cdf((1 + LEVEL) / 2) * deviation
    interval = Interval(max(0.0, value - half), min(1.0, value + half))
    best = max(point.value for point in curve.finite)
    gain = value - best
    ahead = Ahead(round(target), value, interval, gain, interval.low > best)
    return replace(run, ahead=ahead)


def forecast(points: Sequence[Point], target: float, images: int | None = None) -> tuple[float, float]:
    """(value, standard deviation) of a single evaluation at x = target."""
    xs, ys = [point.x for point in points], [point.value for point in points]
    last_x = xs[-1]
    weights = [0.5 ** ((last_x - x) / (HALF_LIFE * last_x)) for x in xs]
    recent = median(ys[-max(3, len(ys) // 10) :])
    noise = max(jitter(ys) or 0.0, counting(recent, images), 1e-4)
    guesses = [(recent, _cost([y - recent for y in ys], weights))]
    for power in POWERS:
        law = _law(xs, ys, weights, power)
        if law is not None:
            top, fall = law
            residuals = [y - (top - fall * x**-power) for x, y in zip(xs, ys, strict=True)]
            ahead = fall * (last_x**-power - target**-power)  # from the level that the curve has, not the law's
            guesses.append((min(1.0, recent + ahead), _cost(residuals, weights)))
    # By their fit, as in an information criterion with the noise of one evaluation.
    least = min(cost for _, cost in guesses)
    shares = [math.exp(-(cost - least) / (2 * noise**2)) for _, cost in guesses]
    total = sum(shares)
    value = sum(share * guess for share, (guess, _) in zip(shares, guesses, strict=True)) / total
    spread = math.sqrt(sum(s * (g - value) ** 2 for s, (g, _) in zip(shares, guesses, strict=True)) / total)
    distance = math.log2(max(1.0, target / last_x))
    late = ys[len(ys) // 2 :]
    astray = distance * (ASTRAY * abs(value - recent) + DRIFT * (max(late) - min(late)))
    return value, math.sqrt(noise**2 + spread**2 + astray**2)


def _cost(residuals: Sequence[float], weights: Sequence[float]) -> float:
    return sum(w * r * r for w, r in zip(weights, residuals, strict=True))


def _law(
    xs: Sequence[float], ys: Sequence[float], weights: Sequence[float], power: float
) -> tuple[float, float] | None:
    """a and b of y = a - b x^-power by weighted least squares; None where it falls or leaves 0..1 far behind."""
    zs = [x**-power for x in xs]
    total = sum(weights)
    mean_z = sum(w * z for w, z in zip(weights, zs, strict=True)) / total
    mean_y = sum(w * y for w, y in zip(weights, ys, strict=True)) / total
    spread = sum(w * (z - mean_z) ** 2 for w, z in zip(weights, zs, strict=True))
    if spread <= 0:
        return None
    fall = -sum(w * (z - mean_z) * (y - mean_y) for w, z, y in zip(weights, zs, ys, strict=True)) / spread
    top = mean_y + fall * mean_z
    return (top, fall) if fall > 0 and top <= 1.05 else None


def _since_change(run: LoggedRun, points: Sequence[Point]) -> list[Point]:
    """The points after the last jump of the learning rate; those of a smooth schedule all."""
    rate = run.curve(RATE)
    found = [point for point in points if point.x > 0]
    if rate is None:
        return found
    jumps = [
        b.x
        for a, b in zip(rate.finite, rate.finite[1:], strict=False)
        if a.value > 0 and b.value > 0 and max(a.value / b.value, b.value / a.value) > CHANGED
    ]
    return [point for point in found if point.x >= jumps[-1]] if jumps else found
