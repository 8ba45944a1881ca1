"""Weights & Biases' local runs: the .wandb file of a run folder, without its library.

The file is a log of LevelDB (blocks of 32 kB, records in pieces) whose records are messages of wandb_internal.proto: of
a HistoryRecord the items, each a key and its value as JSON.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from diagnose.dataset.sources.protobuf import fields
from diagnose.logs.names import named, place_of
from diagnose.logs.rows import Row, Rows

FORM = "Weights & Biases"
BLOCK, HEADER, BEGINNING = 32768, 7, 7  # bytes of a block, of a piece's header, and of W&B's header of the file
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4
HISTORY, RUN = 2, 17  # of a Record
CONFIG = 5  # of a RunRecord
ITEM, KEY, NESTED, VALUE = 1, 1, 2, 16  # of a history or configuration, and of its items
EPOCHS = ("epochs", "num_epochs", "max_epochs", "num_train_epochs", "n_epochs")
RATES = ("lr", "learning_rate", "lr0", "init_lr", "base_lr")


def read_run(file: Path) -> Rows | None:
    """The rows of a .wandb file; None where it isn't one."""
    data = file.read_bytes()
    if data[:4] != b":W&B":
        return None
    found = Rows(FORM, name=file.parent.name)
    for record in _records(data):
        try:
            for kind, value in fields(record):
                if isinstance(value, bytes) and kind == HISTORY:
                    if row := _row(value):
                        found.rows.append(row)
                elif isinstance(value, bytes) and kind == RUN:
                    for part, config in fields(value):
                        if part == CONFIG and isinstance(config, bytes):
                            _configured(found, config)
        except (ValueError, IndexError):
            found.unread.append((None, "a record of it is damaged"))
    return found


def _records(data: bytes) -> Iterator[bytes]:
    """The whole records of a LevelDB log; what is cut off at the end is left out."""
    place, pieces = BEGINNING, b""
    while place + HEADER <= len(data):
        left = BLOCK - place % BLOCK
        if left < HEADER:
            place += left
            continue
        length, kind = struct.unpack_from("<HB", data, place + 4)
        piece = data[place + HEADER : place + HEADER + length]
        if len(piece) < length or kind not in (FULL, FIRST, MIDDLE, LAST):
            return
        place += HEADER + length
        pieces = piece if kind in (FULL, FIRST) else pieces + piece
        if kind in (FULL, LAST):
            yield pieces


def _items(message: bytes) -> Iterator[tuple[str, Any]]:
    for kind, item in fields(message):
        if kind != ITEM or not isinstance(item, bytes):
            continue
        names, value = [], None
        for part, content in fields(item):
            if isinstance(content, bytes) and part in (KEY, NESTED):
                names.append(content.decode("utf-8", "replace"))
            elif isinstance(content, bytes) and part == VALUE:
                try:
                    value = json.loads(content)
                except ValueError:
                    value = None
        if names := [name for name in names if name]:
            yield "/".join(names), value


def _row(message: bytes) -> Row | None:
    row = Row({})
    for name, value in _items(message):
        value = {"NaN": float("nan"), "Infinity": float("inf")}.get(value, value) if isinstance(value, str) else value
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if name == "_step":
            row.step = float(value)
        elif place := place_of(name):
            setattr(row, place, float(value))
        elif named(name) and not name.startswith("_"):
            row.values[name] = float(value)
    return row if row.values else None


def _configured(found: Rows, message: bytes) -> None:
    said = {name: value for name, value in _items(message) if isinstance(value, int | float)}
    found.planned = next((int(said[name]) for name in EPOCHS if name in said), found.planned)
    rate = next((float(said[name]) for name in RATES if name in said), None)
    if rate is not None:
        found.settings["learning rate"] = rate
