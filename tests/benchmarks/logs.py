"""How often the logs of earlier runs are read and judged right: `python tests/benchmarks/logs.py FOLDER [--forecast]`.

FOLDER holds logs and labels.yaml, which maps the name of a file to
    course: a list of diverged, stuck, chance, plateau, overfitting, best early, improving, impossible, slower, break,
        train below val, disagree, incomplete, noisy
    one reader: courses that one of two readers saw; neither asked for nor counted as wrong
    sound: true or false; absent where readers differ
    epochs, best_epoch: numbers
    first, last: of "train loss", "val loss", "train accuracy", "val accuracy" (0..1) the values there
Readers label without seeing what diagnose says. Printed are right and wrong counts of each, and the warnings on sound
runs. With --forecast every validation accuracy of twelve values or more is cut at half and at three quarters, and its
end is forecast.
"""

import argparse
import math
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

from ruamel.yaml import YAML

from diagnose.logs.forecast import LEVEL, forecast
from diagnose.logs.read import read_logs
from diagnose.model import ACCURACY, Evidence, InputError, Severity
from diagnose.registry import load_checks

COURSES = {
    "diverged": {"L801"}, "stuck": {"L802"}, "chance": {"L802", "L803"}, "plateau": {"L807", "L819"},
    "overfitting": {"L804"},
    "best early": {"L805"}, "improving": {"L806"}, "impossible": {"L811"}, "slower": {"L812"}, "break": {"L808"},
    "train below val": {"L809"}, "disagree": {"L810"}, "incomplete": {"L813"}, "noisy": {"L815"},
}  # fmt: skip
NEAR = 0.02  # of a value, or of 1, for a reading to be right
NEAR_EPOCHS = 0.1  # of the run, for the best epoch
NORMAL = 1.2816  # standard deviations on both sides that hold 80%


def judged(history):
    """The findings of the checks of logs."""
    checks = [check for code, check in load_checks().items() if code.startswith("L")]
    return [finding for check in checks for finding in check.run(Evidence(past=history))[2]]


def right_values(run, said, at):
    """How many of the labelled values at an end (0 or -1) are read right, and how many there are."""
    hits = 0
    for name, value in said.items():
        split, metric = name.split(" ", 1)
        curve = run.held(metric) if split != "train" else run.train(metric)
        hits += curve is not None and any(
            math.isclose(one, value, rel_tol=NEAR, abs_tol=1e-3) for one in _at_end(curve, at)
        )
    return hits, len(said)


def _at_end(curve, at):
    """The value at the end; of a log that has values within its epochs all those of the epoch there: a label has one
    for each epoch."""
    points = curve.points
    if all(point.x == int(point.x) for point in points):
        return [curve.values[at]]
    return [p.value for p in points if (p.x <= max(1, points[0].x) if at == 0 else p.x > points[-1].x - 1)]


def labelled_run(history, label):
    """The run that a label is of, where a log holds several: the one that has most of the labelled values."""
    main = history.main

    def known(run):
        hits = [right_values(run, label.get(end) or {}, at)[0] for end, at in (("first", 0), ("last", -1))]
        return sum(hits), run is main

    return max(history.runs, key=known, default=None)


def labelled(folder, labels, count):
    """Prints the verdict of each labelled file."""
    for name, label in labels.items():
        try:
            history = read_logs(str(folder / name))
        except InputError as fault:
            count["refused"] += 1
            print(f"{name}: refused: {fault}")
            continue
        run = labelled_run(history, label)
        found = [one for one in judged(history) if run is None or run.name in one.subject or len(history.runs) == 1]
        codes = {finding.code for finding in found}
        warnings = [one for one in found if one.severity is not Severity.INFO and one.code != "L813"]
        missed = [course for course in label.get("course") or [] if not COURSES[course] & codes]
        said = set(label.get("course") or []) | set(label.get("one reader") or [])
        wrong = sorted(codes & {code for course, them in COURSES.items() if course not in said for code in them})
        wrong = [code for code in wrong if not any(code in COURSES[course] for course in said)]
        count["courses named"] += len(codes & set().union(*COURSES.values()))
        count["named, seen by no reader"] += len(wrong)
        count["courses"] += len(label.get("course") or [])
        count["courses found"] += len(label.get("course") or []) - len(missed)
        if label.get("sound"):
            count["sound"] += 1
            count["sound with a warning"] += bool(warnings)
        notes = [f"missed {', '.join(missed)}"] if missed else []
        notes += [f"{', '.join(wrong)} seen by no reader"] if wrong else []
        notes += [f"{one.code} on a sound run" for one in warnings] if label.get("sound") else []
        count["read"] += run is not None
        if run is not None:
            for end, at in (("first", 0), ("last", -1)):
                hits, of = right_values(run, label.get(end) or {}, at)
                count["values right"] += hits
                count["values"] += of
            if "epochs" in label:
                count["epochs"] += 1
                count["epochs right"] += round(run.last) == label["epochs"]
            curve = run.held(ACCURACY)
            if "best_epoch" in label and curve:
                best = max(curve.finite, key=lambda point: point.value).x
                count["best epochs"] += 1
                count["best epochs right"] += abs(best - label["best_epoch"]) <= max(1, NEAR_EPOCHS * run.last)
        print(f"{name}: {', '.join(sorted(codes)) or 'nothing'}{'; ' if notes else ''}{'; '.join(notes)}")


def runs_of(file):
    """The runs in a log; none where it can't be read."""
    try:
        return read_logs(str(file)).runs
    except InputError:
        return ()


def forecasts(runs):
    """Prints how often the interval holds the level at the end, beside the last value."""
    inside, errors, last_errors = 0, [], []
    for run in runs:
        curve = run.held(ACCURACY)
        if curve is None or len(curve.finite) < 12:
            continue
        for share in (0.5, 0.75):
            points = curve.finite[: round(share * len(curve.finite))]
            points = [replace(point, x=max(point.x, 1.0)) for point in points]
            value, deviation = forecast(points, curve.finite[-1].x, run.val_images)
            came = curve.finite[-1].value
            inside += abs(came - value) <= NORMAL * deviation
            errors.append(abs(came - value))
            last_errors.append(abs(came - points[-1].value))
    if errors:
        print(f"{len(errors)} forecasts: {inside / len(errors):.0%} within the {LEVEL:.0%} interval; mean error "
              f"{100 * sum(errors) / len(errors):.2f} points, of the last value "
              f"{100 * sum(last_errors) / len(errors):.2f}")  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--forecast", action="store_true")
    given = parser.parse_args()
    place = given.folder / "labels.yaml"
    count = Counter()
    if place.exists():
        labelled(given.folder, YAML(typ="safe").load(place), count)
        print(", ".join(f"{name} {number}" for name, number in count.items()))
    if given.forecast:
        names = YAML(typ="safe").load(place) if place.exists() else sorted(os.listdir(given.folder))
        forecasts([run for name in names for run in runs_of(given.folder / name)])


if __name__ == "__main__":
    main()
