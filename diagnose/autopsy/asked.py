"""What the engine asks the child: the checkpoint's job, from what was read and the scan's images; and its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from diagnose.autopsy.job import Attribute, Job
from diagnose.autopsy.written import written
from diagnose.dataset.sample import file_of
from diagnose.dataset.table import USABLE
from diagnose.model import Checkpoint, Config, Dataset, InputError, Program, printable
from diagnose.probing.wanted import wanted_architecture

if TYPE_CHECKING:
    from diagnose.dataset.store import Store

MOST_HELD_OUT, MOST_TRAIN = 800, 256
MOST_PIXELS = 100_000_000  # of all pictures together, which stay in memory decoded
SHORTEST, LONGEST = 10.0, 60.0  # seconds, whatever the budget leaves
WIDE = 1.5  # times as wide as high, or as high as wide
COLUMNS = "path, member, picture, label, width, height, brightness, format, sharpness"

Row = tuple[bytes, str | None, int, str, int, int, float, str, float | None]  # of COLUMNS


def check_file(path: str) -> None:
    """Raises InputError where the file isn't there."""
    if Path(path).is_dir():
        raise InputError(f"--checkpoint {printable(path)} is a folder: give the file of weights in it.")
    if not Path(path).is_file():
        raise InputError(f"--checkpoint {printable(path)} does not exist: give a file of weights, such as best.pth.")


def job_of(
    file: str,
    store: Store | None,
    data: Dataset | None,
    config: Config | None,
    program: Program | None,
    *,
    arch: str | None,
    model: str | None,
    folders: Sequence[Path],
    device: str,
    seconds: float,
) -> Job:
    """The job. store: of the scan, None without images; arch: a name that the person typed."""
    feed, known, assumed = written(config, program)
    said = wanted_architecture(config, program, "")[0] if config is not None else ""
    job = Job(
        file=file,
        written=feed,
        known=known,
        assumed=assumed,
        model=model,
        folders=tuple(map(str, folders)),
        arch=arch,
        said_arch=said or None,
        with_program=program is not None,
        device=device,
        seconds=min(LONGEST, seconds),
    )
    if store is None or data is None:
        return job
    return _with_images(job, store, data)


def _with_images(job: Job, store: Store, data: Dataset) -> Job:
    train_split, held_out = data.train_split, data.held_out_split
    classes = _classes(data)
    number = {name: at for at, name in enumerate(classes)}
    stored = max(1, data.width.median * data.height.median)
    most = max(32, min(MOST_HELD_OUT, MOST_PIXELS // stored))
    rows = [row for row in _drawn(store, held_out or train_split, most) if row[3] in number]
    train = [row for row in _drawn(store, train_split, MOST_TRAIN) if row[3] in number]
    trained = {picture for (picture,) in store.execute(
        f"SELECT picture FROM image WHERE split = ? AND {USABLE}", (train_split,))}  # fmt: skip
    shown = tuple(store.name(row[0], row[1]) for row in rows)
    copies = [at for at, row in enumerate(rows) if held_out and row[2] in trained]
    return replace(
        job,
        classes=classes,
        held_out=tuple((file_of(store, row[:3]), number[row[3]]) for row in rows),
        train=tuple((file_of(store, row[:3]), number[row[3]]) for row in train),
        shown=shown,
        copies=tuple(copies),
        attributes=_attributes(rows, data),
        split=held_out is not None,
        stored_side=min(data.width.median, data.height.median),
        data_mean=data.mean,
        data_std=data.std,
    )


def _classes(data: Dataset) -> tuple[str, ...]:
    """The classes as a loader of folders numbers them: those of the training images, by name."""
    trained = {name for name, count in data.per_class.items() if count}
    held_out = data.counts[data.held_out_split] if data.held_out_split else {}
    return tuple(sorted(trained if trained >= {name for name, count in held_out.items() if count} else data.classes))


def _drawn(store: Store, split: str, most: int) -> list[Row]:
    """Images of a split, each picture once, in the order of their hashes, which is a random one."""
    return store.execute(
        f"SELECT {COLUMNS} FROM image WHERE split = ? AND {USABLE} GROUP BY picture, label ORDER BY picture LIMIT ?",
        (split, most),
    ).fetchall()


def _attributes(rows: Sequence[tuple[object, ...]], data: Dataset) -> tuple[Attribute, ...]:
    """Each image's group by what the scan measured; thirds of a number, where it varies."""
    if not rows:
        return ()
    width, height, brightness, sharpness = (
        np.array([np.nan if row[at] is None else row[at] for row in rows], float) for at in (4, 5, 6, 8)
    )
    shape = np.where(width > WIDE * height, "wide", np.where(height > WIDE * width, "high", "about square"))
    counts = data.per_class
    usual = np.median(list(counts.values()) or [0])
    rare = ["rare classes" if counts.get(str(row[3]), 0) < usual / 2 else "other classes" for row in rows]
    return (
        Attribute("size", _thirds(np.minimum(width, height), ("smallest third", "middle third", "largest third"))),
        Attribute("brightness", _thirds(brightness, ("darkest third", "middle third", "brightest third"))),
        Attribute("sharpness", _thirds(sharpness, ("least sharp third", "middle third", "sharpest third"))),
        Attribute("shape", tuple(shape.tolist())),
        Attribute("format", tuple(str(row[7]) for row in rows)),
        Attribute("class size", tuple(rare)),
    )


def _thirds(values: np.ndarray[tuple[int], np.dtype[np.float64]], names: tuple[str, str, str]) -> tuple[str, ...]:
    finite = values[np.isfinite(values)]
    if not len(finite) or finite.min() == finite.max():
        return ("",) * len(values)
    low, high = np.quantile(finite, (1 / 3, 2 / 3))
    return tuple(
        names[0] if one < low else names[2] if one > high else names[1] if np.isfinite(one) else "" for one in values
    )


@dataclass(frozen=True)
class Examined:
    """A job with what came of it. hits: "1" for each validation image that the model gets right, "0" for the others."""

    job: Job
    checkpoint: Checkpoint | None
    hits: str

    def without_copies(self, data: Dataset) -> Checkpoint | None:
        """The checkpoint with its score on the validation images that have no copy or near copy in train."""
        leaked = {held for _, held in data.near_leaks}
        copies = {*self.job.copies, *(at for at, name in enumerate(self.job.shown) if name in leaked)}
        left = [hit == "1" for at, hit in enumerate(self.hits) if at not in copies]
        found = self.checkpoint
        if found is None or found.character is None or not left or len(left) == len(self.hits):
            return found
        character = replace(found.character, without_copies=sum(left) / len(left), copies=len(self.hits) - len(left))
        return replace(found, character=character)
