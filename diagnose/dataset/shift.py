"""How held-out images differ from the training images of the same class, in the attributes that the scan measured.

For a number, the area under the ROC curve is averaged over classes (weighted by pairs of images), with its interval
after Hanley & McNeil 1982, widened for the number of attributes (Bonferroni). For a kind, such as the format, it is the
total variation distance: half the sum of the differences of the shares, 0..1. The class shares are compared too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtri  # not scipy.stats, whose import takes longer than a small scan

from diagnose.dataset.roc import area_under_curve
from diagnose.dataset.surround import swapped, warmth
from diagnose.dataset.table import GREY, IN_FULL, USABLE, codes, numbers
from diagnose.model import Interval, MeasuredShift

NUMBERS = {
    "brightness": "brightness",
    "contrast": "contrast",
    "colour cast": "red - blue",
    "size": "min(width, height)",
    "shape": "1.0 * width / height",
    "sharpness": f"CASE WHEN {IN_FULL} THEN sharpness END",
    "blocks of an earlier JPEG": f"CASE WHEN {IN_FULL} THEN blocks END",
    "bytes a pixel": "1.0 * file_bytes / (width * height)",
}
KINDS = {
    "format": "format",
    "mode": "mode",
    "colours": f"CASE WHEN chroma < {GREY} THEN 'grey' ELSE 'colour' END",
    "bars": "CASE WHEN letterbox > 0 THEN 'letterbox' WHEN pillarbox > 0 THEN 'pillarbox' ELSE 'none' END",
}
FEWEST = 5  # images of a class required in each of two splits
MOST = 20_000  # images of a split, sampled uniformly
UNSURE = 0.05  # error probability of all intervals of a split together
BY_CHANCE = (2 / np.pi) ** 0.5  # deviations: the mean distance of a normal variable from its own mean
SURE = 1e-3  # p-value below which the class shares count as different


def measured_shifts(
    db: sqlite3.Connection, counts: Mapping[str, Mapping[str, int]], training: str
) -> tuple[MeasuredShift, ...]:
    """Each attribute of each held-out split, the largest shift first."""
    found = [one for split in counts if split != training for one in _of_split(db, training, split)]
    found += [one for split in counts if split != training for one in _shares(counts, training, split)]
    return tuple(sorted(found, key=lambda one: -one.interval.low))


def _of_split(db: sqlite3.Connection, training: str, split: str) -> Iterator[MeasuredShift]:
    where = f"{USABLE} AND split IN ({_text(training)}, {_text(split)})"
    labels, _ = codes(db, "label", where)
    sides, names = codes(db, "split", where)
    held = sides == names.index((split,)) if (split,) in names else np.zeros(len(sides), bool)
    kept = _thinned(held)
    labels, held = labels[kept], held[kept]
    own = _in_both(labels, held)
    if not own:
        return
    z = float(ndtri(1 - UNSURE / (2 * len(NUMBERS))))
    for name, column in NUMBERS.items():
        values = numbers(db, column, where=where)[kept, 0]
        known = np.isfinite(values)  # some are measured on a sample only
        values, some, side = values[known], labels[known], held[known]
        enough = own if known.all() else _in_both(some, side)
        if enough:
            auc, interval, images = _area(values, some, side, enough, z)
            yield MeasuredShift(split, name, auc, interval, images, *_middles(values, some, side, enough))
    for name, column in KINDS.items():
        kinds, kind_values = codes(db, column, where)
        one, other = (np.bincount(kinds[kept][side], minlength=len(kind_values)) for side in (~held, held))
        shares = one / one.sum(), other / other.sum()
        common = tuple(str(kind_values[int(share.argmax())][0]) for share in shares)
        yield MeasuredShift(split, name, *_distance(*shares, int(one.sum()), int(other.sum())), len(held), *common)
    warm = warmth(db, where, np.isin(np.arange(len(sides)), kept))
    if (channels := swapped(warm, labels, held, own, z)) is not None:
        yield MeasuredShift(split, "channels", *channels, len(held), "red first", "blue first")


def _in_both(labels: NDArray[np.int64], held: NDArray[np.bool_]) -> list[np.int64]:
    """The classes with enough images on both sides."""
    return [n for n in np.unique(labels) if min((held & (labels == n)).sum(), (~held & (labels == n)).sum()) >= FEWEST]


def _thinned(held: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Which images are used: all, or a uniform sample of each split."""
    draw = np.random.default_rng(0)
    places = [np.flatnonzero(side) for side in (held, ~held)]
    return np.sort(np.concatenate([p if len(p) <= MOST else draw.choice(p, MOST, replace=False) for p in places]))


def _area(
    values: NDArray[np.float32], labels: NDArray[np.int64], held: NDArray[np.bool_], own: list[np.int64], z: float
) -> tuple[float, Interval, int]:
    """The area under the curve, at least 0.5, with its interval, over the classes in both splits."""
    areas, variances, weights = [], [], []
    for number in own:
        ones, others = (values[(labels == number) & side] for side in (held, ~held))
        area, variance = area_under_curve(ones, others)
        variances.append(variance)
        # Classes may differ in opposite directions; the distance expected by chance alone is subtracted.
        areas.append(0.5 + max(0.0, abs(area - 0.5) - BY_CHANCE * variance**0.5))
        weights.append(float(len(ones) * len(others)))
    share = np.array(weights) / sum(weights)
    area = float(share @ np.array(areas))
    half = z * float(np.sqrt((share**2) @ np.array(variances)))
    return area, Interval(max(0.0, area - half), min(1.0, area + half)), int(np.isin(labels, own).sum())


def _middles(
    values: NDArray[np.float32], labels: NDArray[np.int64], held: NDArray[np.bool_], own: list[np.int64]
) -> tuple[float, float]:
    """The medians of the training and of the held-out images."""
    inside = np.isin(labels, own)
    return float(np.median(values[inside & ~held])), float(np.median(values[inside & held]))


def _distance(one: NDArray[np.float64], other: NDArray[np.float64], ones: int, others: int) -> tuple[float, Interval]:
    """The distance between two distributions of shares, with an interval of two standard deviations."""
    distance = 0.5 * float(np.abs(one - other).sum())
    noise = 0.5 * float(np.sqrt(one * (1 - one) / ones + other * (1 - other) / others).sum())
    return distance, Interval(max(0.0, distance - 2 * noise), min(1.0, distance + 2 * noise))


def _shares(counts: Mapping[str, Mapping[str, int]], training: str, split: str) -> Iterator[MeasuredShift]:
    """How far the class shares differ; nothing if that may be chance."""
    names = sorted(set(counts[training]) & set(counts[split]))
    table = np.array([[counts[one][name] for name in names] for one in (training, split)], dtype=np.float64)
    table = table[:, table.sum(0) > 0]
    if table.shape[1] < 2 or (table.sum(1) == 0).any():
        return
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / table.sum()
    if chdtrc(table.shape[1] - 1, float(((table - expected) ** 2 / expected).sum())) > SURE:  # Pearson's chi-squared
        return
    one, other = table[0] / table[0].sum(), table[1] / table[1].sum()
    far = int(np.abs(one - other).argmax())
    kept = [name for name in names if counts[training][name] + counts[split][name] > 0]
    distance, interval = _distance(one, other, int(table[0].sum()), int(table[1].sum()))
    sides = tuple(f"{kept[far]} {shares[far]:.0%}" for shares in (one, other))
    yield MeasuredShift(split, "class shares", distance, interval, int(table.sum()), *sides)


def _text(value: str) -> str:
    """A text as an SQL literal."""
    return "'{}'".format(value.replace("'", "''"))
