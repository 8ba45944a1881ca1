"""Rows of a log to runs: one unit of x, epochs from 1, restarts parted, values of steps averaged, accuracies as shares.

A log that begins again at its first epoch is another run. One that goes back to a later epoch was resumed: the rows
that it repeats replace those before, and the place is marked.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile
from statistics import fmean, median

from diagnose.logs.names import SPLITS, Named, named, words
from diagnose.logs.rows import LARGEST_PLACE, Noticed, Row, Rows, whole
from diagnose.model.history import (
    ACCURACY,
    EPOCH,
    LOSS,
    RATE,
    SECONDS,
    STEP,
    TOP5,
    TRAIN,
    VAL,
    Curve,
    LoggedRun,
    Mark,
    Point,
)

SHARES = (ACCURACY, TOP5)
PERCENT_ABOVE = 1.5  # an accuracy above it isn't a share; between 1 and it, it is one that cannot be
ROUNDED = 0.01  # a summary repeats values in fewer digits
STEPPED = 3  # rows of a metric in one epoch; two may be of training and of evaluation
FARTHEST = 50  # epochs for each row of a log
KEPT = 5000  # points of a curve; a longer one is thinned by means
RARELY = 0.6  # of the rows with a training loss: an accuracy in fewer is of an evaluation
# A time that only rises is the time since the start.
GROWS = 0.25  # of the first epoch's seconds: a time since the start grows by more with each epoch
CUMULATIVE_OF = 3  # rows at least, to be taken for one


def runs_of(found: Rows, file: str) -> list[LoggedRun]:
    """The runs in what a reader found; none where no metric has a value."""
    _sum_parts(found.rows)
    meanings = _meanings(found.rows)
    rows = [row for row in found.rows if any(name in meanings for name in row.values)]
    unit = _unit(rows)
    parts = _parted(rows, unit, meanings, found.planned)
    runs = []
    for number, (part, resumes, begins) in enumerate(parts, start=1):
        name = found.name or file
        if len(parts) > 1:
            name = f"{name}, part {number}"
        ends = begins + len(part)
        noticed = [one for one in found.noticed if begins < one.after <= ends or (number == 1 and one.after <= begins)]
        run = _run(found, part, resumes, meanings, unit, name, file, noticed, begins)
        if run.curves:
            runs.append(run)
    return runs


# ------------------------------------------------------------------ what the names mean


def _sum_parts(rows: Sequence[Row]) -> None:
    """Makes one loss of the parts that a detector logs: it is trained by their sum. A part alone isn't a loss."""
    for row in rows:
        for name in [name for name in row.values if re.search(r"(?:box|dfl|obj)_loss$", name)]:
            whole_name, cls = re.sub(r"[a-z]+_loss$", "loss", name), re.sub(r"[a-z]+_loss$", "cls_loss", name)
            part = row.values.pop(name)
            if cls in row.values or whole_name in row.values:
                row.values[whole_name] = row.values.get(whole_name, 0.0) + row.values.pop(cls, 0.0) + part


def _meanings(rows: Sequence[Row]) -> dict[str, Named]:
    """The meaning of each name in a log, with the split of those that don't say theirs."""
    names = dict.fromkeys(name for row in rows for name in row.values)
    found = {name: meaning for name in names if (meaning := named(name))}
    splits = {(one.metric, one.split) for one in found.values() if one.split}
    has_train, has_held = any(s == TRAIN for _, s in splits), any(s != TRAIN for _, s in splits)
    for name, one in found.items():
        if one.split or one.metric in (RATE, SECONDS):
            continue
        alone = not any(metric == one.metric for metric, _ in splits)
        if one.metric in SHARES and alone and _apart(name, rows, found):
            found[name] = replace(one, split=VAL)
            continue
        train = (one.metric, TRAIN) in splits
        held = any((one.metric, split) in splits for split in (VAL, "test"))
        of_held = (train and not held) or (not held and not train and has_train and has_held)
        found[name] = replace(one, split=VAL if of_held else TRAIN)
    return found


def _apart(name: str, rows: Sequence[Row], found: dict[str, Named]) -> bool:
    """Whether an accuracy is logged apart from the training loss, or more rarely: then it is of an evaluation."""
    losses = {other for other, one in found.items() if one.metric == LOSS and one.split in ("", TRAIN)}
    own = [row for row in rows if name in row.values]
    of_loss = [row for row in rows if losses & row.values.keys()]
    together = sum(bool(losses & row.values.keys()) for row in own)
    return bool(of_loss) and (together == 0 or len(own) < RARELY * len(of_loss))


# ------------------------------------------------------------------ where rows stand


def _unit(rows: Sequence[Row]) -> str:
    """Epochs where the rows count them; steps where they count those alone."""
    if any(row.epoch is not None for row in rows):
        return EPOCH
    steps = sorted({row.step for row in rows if row.step is not None})
    if not steps or (steps[0] in (0, 1) and steps == [steps[0] + n for n in range(len(steps))] and len(steps) < 1000):
        return EPOCH  # a row each, or a counter that rises by one with each row
    return STEP


def _key(row: Row, unit: str, before: float, counted: bool) -> float:
    """Where a row stands in its log; a row without a count, or with one that no log has, stands after the one before.
    counted: whether other rows name their epoch."""
    found = row.step if unit == STEP else row.epoch
    if found is None and unit == EPOCH and not counted:
        found = row.step if row.step is not None else before + 1
    return found if found is not None and abs(found) < LARGEST_PLACE else before


def _parted(
    rows: Sequence[Row], unit: str, meanings: dict[str, Named], planned: int | None
) -> list[tuple[list[tuple[float, Row]], list[tuple[float, Row]], int]]:
    """Rows with their keys, by run: those that count, where it was resumed, and how many rows came before."""
    parts: list[tuple[list[tuple[float, Row]], list[tuple[float, Row]], int]] = []
    current: list[tuple[float, Row]] = []
    resumes: list[tuple[float, Row]] = []
    begins = 0
    per_row = all(row.epoch is None and row.step is None for row in rows)
    counted = [row.epoch for row in rows if row.epoch is not None and abs(row.epoch) < LARGEST_PLACE]
    stepped = any(_by_steps([(row.epoch, row.step) for row in rows if name in row.values and row.part is None])
                  for name, one in meanings.items() if one.metric == LOSS)  # fmt: skip
    for seen, row in enumerate(rows):
        last = current[-1][0] if current else -math.inf
        key = _key(row, unit, last if current else counted[0] if counted else 0.0, bool(counted))
        back = bool(current) and key < last - 1e-9
        again = (
            bool(current) and not back and not per_row and not stepped and unit == EPOCH
            and key == last == current[0][0] and row.part is None and _repeats(current, key, row, meanings)
        )  # fmt: skip
        if back and unit == EPOCH and _of_the_end(rows[seen:], meanings):
            continue
        if back and (unit == EPOCH or key < 0.5 * last):
            if key <= current[0][0] or last == planned:  # a run that was at its end isn't resumed
                parts.append((current, resumes, begins))
                begins, current, resumes = seen, [], []
            else:
                current = [(k, r) for k, r in current if k < key]
                resumes.append((key, row))
        elif again:
            parts.append((current, resumes, begins))
            begins, current, resumes = seen, [], []
        current.append((key, row))
    if current:
        parts.append((current, resumes, begins))
    return parts


def _of_the_end(rows: Sequence[Row], meanings: dict[str, Named]) -> bool:
    """Whether rows that go back to an epoch say what came of it, after the training: none goes on from there, and none
    has a training value."""
    first = rows[0].epoch
    at = list(takewhile(lambda row: row.epoch in (None, first), rows))
    goes_on = len(at) < len(rows) and (rows[len(at)].epoch or 0) > (first or 0)
    trained = any(meanings[name].split == TRAIN for row in at for name in row.values if name in meanings)
    return not goes_on and not trained


def _repeats(current: Sequence[tuple[float, Row]], key: float, row: Row, meanings: dict[str, Named]) -> bool:
    """Whether a row of the run's only epoch gives values again that a row of it gave, and others than it gave."""
    earlier: dict[str, float] = {}
    for k, r in current:
        if k == key and r.part is None:
            earlier.update(r.values)
    once = {name for name, one in meanings.items() if one.metric in (LOSS, *SHARES) and not one.by_step}
    common = earlier.keys() & row.values.keys() & once
    return bool(common) and not any(math.isclose(earlier[name], row.values[name], rel_tol=ROUNDED) for name in common)


def _by_steps(places: Iterable[tuple[float | None, float | None]]) -> bool:
    """Whether the rows at these places (epoch, step) were logged every few steps: rows of one epoch count their steps,
    or the usual epoch has STEPPED of them."""
    at: dict[float | None, list[float | None]] = {}
    for epoch, step in places:
        at.setdefault(epoch, []).append(step)
    counted = any(len({step for step in steps if step is not None}) > 1 for steps in at.values())
    return counted or (len(at) > 1 and median(map(len, at.values())) >= STEPPED)


def _without_closing(part: list[tuple[float, Row]]) -> list[tuple[float, Row]]:
    """The rows without an evaluation after the end: Lightning gives it the epoch that would come next, though its step
    shows that nothing was trained since."""
    last = max((key for key, _ in part), default=0.0)
    steps = [row.step for key, row in part if key == last]
    earlier = [row.step for key, row in part if key < last and row.step is not None]
    if not earlier or any(step is None or not max(earlier) <= step <= max(earlier) + 1 for step in steps):
        return part
    epochs = {key for key, _ in part}
    return [(key, row) for key, row in part if key < last] if max(earlier) > 2 * len(epochs) else part


# ------------------------------------------------------------------ curves


def _run(
    found: Rows,
    part: Sequence[tuple[float, Row]],
    resumes: Sequence[tuple[float, Row]],
    meanings: dict[str, Named],
    unit: str,
    name: str,
    file: str,
    noticed: Sequence[Noticed],
    begins: int,
) -> LoggedRun:
    if unit == EPOCH:
        part = _without_closing(list(part))
    fractional = unit == EPOCH and any(row.epoch is not None and not whole(row.epoch) for _, row in part)
    first = min((key for key, _ in part), default=1.0)
    zero_based = unit == EPOCH and not fractional and first == 0
    shift = 1.0 if zero_based else 0.0
    curves = _curves([(key + shift, row) for key, row in part], meanings, unit, fractional)
    marks = [Mark("resume", key + shift, "the log goes back to it", row.line) for key, row in resumes]
    for one in noticed:
        at = min(max(0, one.after - 1 - begins), len(part) - 1)
        marks.append(Mark(one.kind, part[at][0] + shift, one.text, one.line))
    seen = (
        sorted({int(key + shift) for key, row in part if row.part is None}) if unit == EPOCH and not fractional else []
    )
    last = int(max((key for key, _ in part), default=0) + shift)
    planned = found.planned
    if planned is not None:
        planned = max(planned + 1 if zero_based and found.planned == last - 1 else planned, last)
    here = set(seen)
    spread = bool(seen) and seen[-1] - seen[0] < FARTHEST * len(seen)  # a damaged number isn't an epoch
    gaps = [n for n in range(seen[0], seen[-1]) if n not in here] if spread else []
    stride = _stride(seen)
    return LoggedRun(
        name=name,
        file=file,
        form=found.form,
        curves=tuple(curves),
        unit=unit,
        zero_based=zero_based,
        planned=planned,
        train_images=found.train_images,
        val_images=found.val_images,
        marks=tuple(dict.fromkeys(marks)),
        settings=dict(found.settings),
        missing=tuple(gaps) if stride == 1 else (),
    )


def _stride(seen: Sequence[int]) -> int:
    """The commonest distance between logged epochs: a log of every tenth epoch lacks none."""
    steps = [b - a for a, b in pairwise(seen)]
    return max(set(steps), key=steps.count) if steps else 1


def _curves(part: Sequence[tuple[float, Row]], meanings: dict[str, Named], unit: str, fractional: bool) -> list[Curve]:
    gathered: dict[str, list[tuple[float, float, int | None, bool]]] = {}
    places: dict[str, list[tuple[float | None, float | None]]] = {}
    percents: set[str] = set()
    same: dict[tuple[Named, tuple[str, ...]], str] = {}  # "loss" and "train loss" of one log, by what both say
    for key, row in part:
        for name, value in row.values.items():
            if name in meanings:
                name = same.setdefault((meanings[name], tuple(w for w in words(name) if w not in SPLITS)), name)
                gathered.setdefault(name, []).append((key, value, row.line, row.part is None))
                if row.part is None:
                    places.setdefault(name, []).append((key, row.step))
        percents |= row.percent & meanings.keys()
    made: dict[tuple[str, str], tuple[int, Curve]] = {}
    for name, points in gathered.items():
        one = meanings[name]
        by_step = one.by_step or name not in places or (one.split == TRAIN and _by_steps(places[name]))
        merged = _merged(points, by_step and unit == EPOCH and not fractional)
        if one.metric == SECONDS:  # of training and of evaluation, where both are given
            merged = _longest(points)
        curve = Curve(one.metric, one.split, name, merged, name in percents, one.inverted, not named(name).split)  # type: ignore[union-attr]
        rank = 2 * by_step + one.inverted
        key2 = (one.metric, one.split)
        if key2 not in made or (rank, -len(merged)) < (made[key2][0], -len(made[key2][1].points)):
            made[key2] = (rank, curve)
    curves = _as_shares([curve for _, curve in made.values()])
    return [_thinned(_not_cumulative(curve)) for curve in curves]


def _merged(points: Iterable[tuple[float, float, int | None, bool]], average: bool) -> tuple[Point, ...]:
    """One point at each x: the mean of steps, or the last value of whole rows, else of all."""
    at: dict[float, list[tuple[float, int | None, bool]]] = {}
    for x, value, line, is_whole in points:
        at.setdefault(x, []).append((value, line, is_whole))
    ended = [x for x, values in at.items() if any(is_whole for *_, is_whole in values)]
    if len(ended) > len(at) / 2:  # an epoch that the log was cut in has no value
        at = {x: at[x] for x in ended}
    merged = []
    for x in sorted(at):
        of_whole = [one for one in at[x] if one[2]] or at[x]
        value, line, _ = of_whole[-1]
        if average:
            value = fmean(one[0] for one in at[x])
        merged.append(Point(x, value, line))
    return tuple(merged)


def _longest(points: Iterable[tuple[float, float, int | None, bool]]) -> tuple[Point, ...]:
    """The largest value at each x."""
    at: dict[float, tuple[float, int | None]] = {}
    for x, value, line, _ in points:
        at[x] = max(at.get(x, (-math.inf, None)), (value, line), key=lambda one: one[0])
    return tuple(Point(x, value, line) for x, (value, line) in sorted(at.items()))


def _as_shares(curves: list[Curve]) -> list[Curve]:
    """Accuracies as 0..1, by the percent sign or the values; in one log all are written alike unless values say not."""
    shares = [curve for curve in curves if curve.metric in SHARES and curve.finite]
    in_percent = {id(curve) for curve in shares if curve.percent or max(p.value for p in curve.finite) > PERCENT_ABOVE}
    made = []
    for curve in curves:
        if curve not in shares:
            made.append(curve)
            continue
        percent = id(curve) in in_percent
        if not percent and in_percent:
            # Below 1 percent throughout, beside curves that are in percent.
            percent = (
                max(p.value for p in curve.finite) <= PERCENT_ABOVE
                and curve.finite[0].value < 1
                and _alike(curve, [one for one in shares if id(one) in in_percent])
            )
        scale = 100.0 if percent else 1.0
        points = tuple(
            replace(point, value=1 - point.value / scale if curve.inverted else point.value / scale)
            for point in curve.points
        )
        made.append(replace(curve, points=points, percent=percent))
    return made


def _alike(curve: Curve, others: Sequence[Curve]) -> bool:
    """Whether taking the curve for percent brings it nearer to one in percent than taking it for a share."""
    other = fmean(p.value for p in others[0].finite) / 100
    own = fmean(p.value for p in curve.finite)
    return abs(own / 100 - other) < abs(own - other)


def _not_cumulative(curve: Curve) -> Curve:
    """Seconds of each epoch; a time that rises throughout is taken since the start."""
    if curve.metric != SECONDS or len(curve.finite) < CUMULATIVE_OF:
        return curve
    values = [point.value for point in curve.finite]
    steps = [b - a for a, b in pairwise(values)]
    if min(steps) <= 0 or median(steps) < GROWS * values[0]:
        return curve
    points = [
        replace(point, value=point.value - before) for before, point in zip([0.0, *values], curve.finite, strict=False)
    ]
    return replace(curve, points=tuple(points))


def _thinned(curve: Curve) -> Curve:
    """At most KEPT points, each the mean of as many."""
    if len(curve.points) <= KEPT:
        return curve
    size = -(-len(curve.points) // KEPT)
    groups = [curve.points[n : n + size] for n in range(0, len(curve.points), size)]
    return replace(curve, points=tuple(Point(g[-1].x, fmean(p.value for p in g), g[-1].line) for g in groups))
