"""The runs at a path: which reader takes which file or folder, and what none of them could read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from diagnose.logs import events, mlflow, wandb
from diagnose.logs.assemble import runs_of
from diagnose.logs.forecast import with_forecast
from diagnose.logs.records import read_records
from diagnose.logs.rows import Rows
from diagnose.logs.table import read_table
from diagnose.logs.text import read_text
from diagnose.model import InputError, printable
from diagnose.model.history import History, LoggedRun, Unread

LARGEST = 64_000_000  # bytes of a log that is read; of a longer one the beginning
MOST_FILES = 400
DEEPEST = 6  # folders below the one that was named
MOST_UNREAD = 20  # lines that are listed
JSON = (".json", ".jsonl", ".ndjson")
READ = (".csv", ".tsv", *JSON, ".txt", ".log", ".out", ".err", ".md", ".wandb", ".db", ".sqlite")
# Of files in a folder, those that are called as logs are; the others are read, and silence about them says nothing.
NAMED = re.compile(
    r"(?i)(?:^|[._-])(?:logs?|history|hist|results?|metrics?|scalars|trainer_state|summary|nohup|stdout|output|"
    r"train(?:ing)?|progress|slurm)(?:[._-]|\d|$)"
)
SKIPPED = {"__pycache__", "node_modules", "venv", "site-packages", "weights"}
LAST_VALUES = {"wandb-summary.json", "wandb-metadata.json"}  # of W&B, beside its runs: no course
NOTHING = "no loss, accuracy or learning rate by epoch or step was found in it"


@dataclass
class _Gathered:
    """What has been read so far."""

    root: Path
    runs: list[LoggedRun] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    more: int = 0
    notes: list[str] = field(default_factory=list)

    def take(self, place: Path, found: Rows | None, why: str, meant: bool) -> None:
        """The runs of what a reader found at a place; meant: whether a log is expected there."""
        short = place.name if place == self.root else str(place.relative_to(self.root))
        made = runs_of(found, str(place)) if found else []
        for run in made:
            self.runs.append(with_forecast(replace(run, name=run.name.replace(str(place), short))))
        lines = found.unread if found else []
        room = max(0, MOST_UNREAD - len(self.unread))
        self.unread += [Unread(str(place), reason, line) for line, reason in lines[:room]]
        self.more += len(lines[room:])
        if not made and not lines and meant:
            self.unread.append(Unread(str(place), why or NOTHING))


def read_logs(path: str) -> History:
    """Every run at a path: a file, or a folder of logs. Raises InputError where the path doesn't exist."""
    place = Path(path)
    if not place.exists():
        raise InputError(f"--log {printable(path)} does not exist: give a log file, or a folder of logs.")
    gathered = _Gathered(place)
    if place.is_file():
        _file(gathered, place, meant=True)
    else:
        _folder(gathered, place)
    if not gathered.runs and not gathered.unread:
        gathered.unread.append(Unread(path, "no log of a known form lies in it"))
    runs = _without_copies(gathered.runs)
    return History(path, tuple(runs), tuple(gathered.unread), gathered.more, tuple(gathered.notes))


def _folder(gathered: _Gathered, place: Path) -> None:
    boards: list[Path] = []
    for count, (folder, files) in enumerate(_walked(place)):
        if mlflow.is_run(folder):
            gathered.take(folder, mlflow.read_run(folder), "", True)
            continue
        if any("tfevents" in file.name for file in files):
            boards.append(folder)
        for file in files:
            if file.suffix.lower() in READ and file.name not in LAST_VALUES:
                _file(gathered, file, meant=bool(NAMED.search(file.stem)))
        if count > MOST_FILES:
            gathered.notes.append(f"only the first {MOST_FILES} folders of {place} were read")
            break
    if boards == [place]:  # a part of a run that was written to several folders (Keras' train and validation)
        boards += [one for one in place.parent.iterdir() if one != place and any(one.glob(events.PATTERN))]
        boards = next(group for group in events.group(boards).values() if place in group)
    for run, folders in events.group(boards).items():
        _board(gathered, run if run != place.parent else folders[0], folders)


def _walked(place: Path) -> Iterator[tuple[Path, list[Path]]]:
    """The folders with their files, in order; not below a run of MLflow, and no hidden ones."""
    for name, folders, files in os.walk(place):
        folder = Path(name)
        kept = [one for one in folders if one not in SKIPPED and not one.startswith(".")]
        deep = len(folder.relative_to(place).parts) >= DEEPEST
        folders[:] = [] if deep or mlflow.is_run(folder) else sorted(kept)
        yield folder, [folder / one for one in sorted(files) if not one.startswith(".")]


def _board(gathered: _Gathered, run: Path, folders: list[Path]) -> None:
    try:
        found = events.read_events(folders, run)
    except ImportError as missing:
        gathered.take(run, None, str(missing), True)
        return
    gathered.take(run, found, "", True)


def _file(gathered: _Gathered, file: Path, meant: bool) -> None:
    if "tfevents" in file.name:
        try:
            gathered.take(file, events.read_events([file.parent], file.parent), "", True)
        except ImportError as missing:
            gathered.take(file, None, str(missing), True)
        return
    try:
        with file.open("rb") as stream:
            data = stream.read(LARGEST)
    except OSError as fault:
        gathered.take(file, None, f"it cannot be read ({fault.strerror})", True)
        return
    if data.startswith(mlflow.SIGNATURE):
        for run in mlflow.read_database(file):
            gathered.take(file, run, "", False)
        return
    if file.suffix == ".wandb":
        gathered.take(file, wandb.read_run(file), "it isn't a run of W&B", True)
        return
    found, why = _of_bytes(data, file.suffix.lower() in JSON)
    gathered.take(file, found, why, meant)


def _of_bytes(data: bytes, is_json: bool) -> tuple[Rows | None, str]:
    """What a file of text holds, or why nothing."""
    if not data.strip():
        return None, "it is empty"
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None, "it isn't text"
    text = _decoded(data)
    if is_json or text.lstrip()[:1] in ("{", "["):
        if found := read_records(text):
            return found, ""
        if is_json:
            return None, NOTHING
    found = read_table(text)
    if found and found.rows:
        return found, ""
    return read_text(text), NOTHING


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")  # of PowerShell's redirection
    return data.decode("utf-8-sig", "replace")


def _without_copies(runs: list[LoggedRun]) -> list[LoggedRun]:
    """Each run once: trainers write the same curves into several files."""
    kept: list[LoggedRun] = []
    for run in sorted(runs, key=lambda one: -sum(len(curve.points) for curve in one.curves)):
        if not any(_holds(other, run) for other in kept):
            kept.append(run)
    order = {id(run): at for at, run in enumerate(runs)}
    return sorted(kept, key=lambda one: order[id(one)])


def _holds(run: LoggedRun, other: LoggedRun) -> bool:
    """Whether every curve of the other, and as many as two values, is one of the run."""
    curves = [(curve.metric, curve.split, _rounded(curve.values)) for curve in run.curves]
    return all(
        len(curve.points) > 1 and (curve.metric, curve.split, _rounded(curve.values)) in curves
        for curve in other.curves
    )


def _rounded(values: tuple[float, ...]) -> tuple[str, ...]:
    return tuple(f"{value:.4g}" for value in values)
