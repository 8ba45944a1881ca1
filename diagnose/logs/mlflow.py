"""MLflow's local store: a folder for each run (mlruns), or its SQLite database.

The layout is MLflow's file store: metrics/NAME holds "timestamp value step" a line, params/NAME a value, tags/NAME too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from diagnose.logs.names import named, place_of
from diagnose.logs.rows import Row, Rows, number

FORM = "MLflow"
SIGNATURE = b"SQLite format 3\x00"
EPOCHS = ("epochs", "num_epochs", "max_epochs", "num_train_epochs", "n_epochs")
RATES = ("lr", "learning_rate", "lr0", "init_lr", "base_lr", "opt_learning_rate")


def is_run(folder: Path) -> bool:
    """Whether a folder is a run of MLflow's file store."""
    return (folder / "metrics").is_dir() and (folder / "meta.yaml").is_file()


def read_run(folder: Path) -> Rows:
    """The rows of one run's folder."""
    metrics = folder / "metrics"
    values: dict[str, list[tuple[float, float, float]]] = {}
    found = Rows(FORM, name=_text(folder / "tags" / "mlflow.runName") or folder.name)
    for file in sorted(path for path in metrics.rglob("*") if path.is_file()):
        name = file.relative_to(metrics).as_posix()
        if not (named(name) or place_of(name)):
            continue
        for line in _text(file).splitlines():
            cells = [number(cell) for cell in line.split()]
            if len(cells) >= 2 and all(cells):
                time, value, *step = [cell[0] for cell in cells if cell]
                values.setdefault(name, []).append((step[0] if step else 0.0, time, value))
            else:
                found.unread.append((None, f"metrics/{name}: a line isn't a time, a value and a step"))
    params = {file.name: _text(file) for file in (folder / "params").glob("*") if file.is_file()}
    return _finished(found, values, params)


def read_database(file: Path) -> Iterator[Rows]:
    """The rows of each run in MLflow's database; none where it is another one."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as base:
        try:
            runs = base.execute("select run_uuid, name from runs order by start_time").fetchall()
            for run, name in runs:
                values: dict[str, list[tuple[float, float, float]]] = {}
                query = "select key, step, timestamp, value, is_nan from metrics where run_uuid = ? order by timestamp"
                for key, step, time, value, is_nan in base.execute(query, (run,)):
                    if named(key) or place_of(key):
                        values.setdefault(key, []).append((step, time, float("nan") if is_nan else value))
                params = dict(base.execute("select key, value from params where run_uuid = ?", (run,)).fetchall())
                yield _finished(Rows(FORM, name=name or run), values, params)
        except sqlite3.DatabaseError:
            return


def _finished(found: Rows, values: dict[str, list[tuple[float, float, float]]], params: dict[str, str]) -> Rows:
    """Rows by step. Metrics without steps come in the order of their times."""
    at: dict[float, Row] = {}
    if all(len(points) == 1 for points in values.values()):  # without a course: an evaluation after the end
        values = {f"eval {name}" if (one := named(name)) and not one.split else name: p for name, p in values.items()}
    for name, points in values.items():
        without = len(points) > 1 and len({step for step, *_ in points}) == 1
        for count, (step, _, value) in enumerate(sorted(points, key=lambda one: one[:2])):
            place = float(count) if without else step
            row = at.setdefault(place, Row({}, step=place))
            if which := place_of(name):
                setattr(row, which, value)
            else:
                row.values[name] = value
    found.rows = [at[step] for step in sorted(at) if at[step].values]
    found.planned = next((int(n) for n in _numbers(params, EPOCHS) if n == int(n)), None)
    rate = next(iter(_numbers(params, RATES)), None)
    if rate is not None:
        found.settings["learning rate"] = rate
    return found


def _numbers(params: dict[str, str], names: Iterable[str]) -> Iterator[float]:
    for name in names:
        if name in params and (got := number(params[name])):
            yield got[0]


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
