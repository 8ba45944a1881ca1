"""The images that the probes train on: drawn from a scan by their content, not by their names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import xxhash

from diagnose.dataset.reading import read
from diagnose.dataset.store import Store
from diagnose.dataset.summary import counts
from diagnose.dataset.table import USABLE
from diagnose.model import held_out_split, training_split

Row = tuple[bytes, str | None, int]  # path, member, picture


class Sample(NamedTuple):
    """Images for the probes: absolute paths and class indices into `classes`.

    split: whether the validation images are from a separate split. fingerprint: hash of the pictures and labels, in
    order.
    """

    classes: tuple[str, ...]
    train: tuple[tuple[str, int], ...]
    val: tuple[tuple[str, int], ...]
    split: bool = True
    fingerprint: str = ""


def draw(store: Store, train: int, val: int) -> Sample:
    """About `train` and `val` images, stratified by class in the proportions of the data.

    The hash of a picture is as good as a random number, so images are drawn in the order of their hashes: the draw
    depends on the pictures alone, not on names or listing order. A picture that occurs several times is drawn once, and
    never held out if it is also in training. Without a validation split, a share of each class is held out.
    """
    counted = counts(store)
    source, held_out = training_split(counted), held_out_split(counted)
    _note_pictures(store, source)
    if held_out:
        train_rows = {
            label: _drawn(store, source, label, quota) for label, quota in _quotas(counted[source], train).items()
        }
        val_rows = {
            label: _drawn(store, held_out, label, quota, apart=True)
            for label, quota in _quotas(counted[held_out], val).items()
        }
    else:
        drawn = {
            label: _drawn(store, source, label, quota) for label, quota in _quotas(counted[source], train + val).items()
        }
        cuts = {
            label: max(1, round(len(rows) * val / (train + val))) if len(rows) > 1 else 0
            for label, rows in drawn.items()
        }
        val_rows = {label: rows[: cuts[label]] for label, rows in drawn.items()}
        train_rows = {label: rows[cuts[label] :] for label, rows in drawn.items()}
    classes = tuple(label for label, rows in train_rows.items() if rows)
    number = {label: index for index, label in enumerate(classes)}
    chosen = [
        [(row, number[label]) for label in classes for row in rows.get(label, ())] for rows in (train_rows, val_rows)
    ]
    described = repr([[(row[2], classes[label]) for row, label in part] for part in chosen])
    files = [tuple((file_of(store, row), label) for row, label in part) for part in chosen]
    return Sample(
        classes,
        files[0],
        files[1],
        split=held_out is not None,
        fingerprint=xxhash.xxh3_128_hexdigest((repr(classes) + described).encode()),
    )


def _note_pictures(store: Store, split: str) -> None:
    """Copy the training split's pictures to a temporary table."""
    store.execute("DROP TABLE IF EXISTS temp.trained")
    store.execute("CREATE TEMP TABLE trained (picture INTEGER PRIMARY KEY)")
    store.execute(f"INSERT OR IGNORE INTO trained SELECT picture FROM image WHERE split = ? AND {USABLE}", (split,))


def _drawn(store: Store, split: str, label: str, limit: int, apart: bool = False) -> list[Row]:
    """The images of a class, each picture once, in the order of their hashes; apart: without those used in training."""
    rows = store.execute(
        f"SELECT path, member, picture FROM image WHERE split = ? AND label = ? AND {USABLE}"
        f" {'AND picture NOT IN (SELECT picture FROM trained)' if apart else ''}"
        " GROUP BY picture ORDER BY picture LIMIT ?",
        (split, label, limit),
    )
    return rows.fetchall()


def file_of(store: Store, row: Row) -> str:
    """The path of the image's file; an image inside another file is copied to one that lasts as long as the store."""
    path, member, picture = os.fsdecode(row[0]), row[1], row[2]
    if member is None:
        return path
    copy = Path(store.folder) / f"{picture & 0xFFFF_FFFF_FFFF_FFFF:016x}"
    if not copy.exists():
        copy.write_bytes(read(path, member))
    return str(copy)


def _quotas(counted: dict[str, int], wanted: int) -> dict[str, int]:
    """Images to draw per class: `wanted` in total, in the proportions of the counts, at least one each."""
    share = min(1.0, wanted / max(1, sum(counted.values())))
    return {label: max(1, round(count * share)) for label, count in counted.items() if count}
