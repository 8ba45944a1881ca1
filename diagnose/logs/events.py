"""TensorBoard's event files, by TensorBoard's own reader of records; TensorFlow isn't imported.

One folder is one run; folders that are called train, validation or the like (Keras, add_scalars) are one run together.
Tags that were written each epoch and tags that were written each step meet in epochs where the first count them without
a gap.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

from diagnose.logs.names import SPLITS, named, words
from diagnose.logs.rows import Row, Rows

FORM = "TensorBoard events"
PATTERN = "*tfevents*"
REMEDY = "TensorBoard's event files need its reader: pip install 'diagnose-training[logs]'"
FLOAT, DOUBLE = 1, 2  # TensorFlow's numbers of types
FINER = 3  # times as many steps as the epochs, for a tag to be counted in steps
Values = dict[str, list[tuple[int, float]]]  # by tag (step, value), in the order of writing


def read_events(folders: Sequence[Path], root: Path) -> Rows | None:
    """The rows of one run in these folders. None where they hold no scalar.

    Raises ImportError, with the remedy, without TensorBoard.
    """
    found = Rows(FORM)
    sessions: list[Values] = []
    for folder in folders:
        label = f"{folder.name} " if folder != root else ""
        for number, file in enumerate(sorted(folder.glob(PATTERN))):
            values, why = _scalars(file, label)
            if why:
                found.unread.append((None, f"{file.name}: {why}"))
            if folder == folders[0] or number >= len(sessions):
                sessions.append(values)
            else:
                sessions[number].update(values)
    for session in (one for one in sessions if one):
        found.rows += _rows(session)
    return found if found.rows or found.unread else None


def group(folders: Iterable[Path]) -> dict[Path, list[Path]]:
    """The folders with event files by run: the folder itself, or the one above those that are called after a split."""
    runs: dict[Path, list[Path]] = {}
    for folder in sorted(folders):
        split = any(word in SPLITS for word in words(folder.name))
        runs.setdefault(folder.parent if split else folder, []).append(folder)
    return runs


def _scalars(file: Path, label: str) -> tuple[Values, str]:
    """The scalars of one file; where it is cut short or damaged, those before, and a sentence."""
    try:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.tensorflow_stub import errors
        from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New
    except ImportError:
        raise ImportError(REMEDY) from None
    found: Values = {}
    reader = PyRecordReader_New(str(file))
    while True:
        try:
            reader.GetNext()
            event = Event.FromString(reader.record())
        except errors.OutOfRangeError:
            return found, ""
        except Exception:  # what damaged bytes raise is not the reader's contract
            return found, "it ends in a damaged record"
        for value in event.summary.value:
            number = _scalar(value)
            if number is not None:
                found.setdefault(f"{label}{value.tag}", []).append((event.step, number))


def _scalar(value: object) -> float | None:
    kind = value.WhichOneof("value")  # type: ignore[attr-defined]
    if kind == "simple_value":
        return float(value.simple_value)  # type: ignore[attr-defined]
    if kind != "tensor":
        return None
    tensor = value.tensor  # type: ignore[attr-defined]
    if any(dim.size != 1 for dim in tensor.tensor_shape.dim):
        return None
    packed = {FLOAT: "<f", DOUBLE: "<d"}.get(tensor.dtype)
    if packed and len(tensor.tensor_content) == struct.calcsize(packed):
        return float(struct.unpack(packed, tensor.tensor_content)[0])
    values: Sequence[float] = {FLOAT: tensor.float_val, DOUBLE: tensor.double_val}.get(tensor.dtype, ())
    return float(values[0]) if len(values) == 1 else None


def _rows(session: Values) -> list[Row]:
    """The rows of one writing, in their order."""
    known = {tag: values for tag, values in session.items() if named(tag)}
    epoch_of = session.get("epoch") or session.get("train/epoch")
    counters = [values for values in known.values() if _counts(values)]
    epochs = min((values[-1][0] for values in counters), default=0)
    fine = max((values[-1][0] for values in known.values()), default=0) > FINER * max(1, epochs)
    at: dict[float, Row] = {}
    whole: dict[float, Row] = {}
    for tag, values in known.items():
        for step, value in values:
            if epoch_of:
                epoch = next((e for s, e in epoch_of if s >= step), epoch_of[-1][1])
                row = whole.setdefault(step, Row({}, epoch=epoch, step=float(step)))
            elif counters and fine and values[-1][0] <= epochs:
                row = whole.setdefault(step, Row({}, epoch=float(step)))
            elif counters and fine:
                first = min(one[0][0] for one in counters)
                last = max(one[-1][0] for one in known.values())
                place = first + math.floor((epochs - first + 1) * min(step, last) / (last + 1))
                row = at.setdefault(step, Row({}, epoch=float(place), part=1.0))
            else:
                row = whole.setdefault(step, Row({}, step=float(step)))
            row.values[tag] = value
    rows = [*at.values(), *whole.values()]
    return sorted(rows, key=lambda row: (row.epoch if row.epoch is not None else row.step or 0.0, row.part is None))


def _counts(values: Sequence[tuple[int, float]]) -> bool:
    """Whether a tag was written at every step from 0 or 1 on: at each epoch, where others were written more often."""
    steps = [step for step, _ in values]
    return len(steps) > 1 and steps[0] in (0, 1) and steps == list(range(steps[0], steps[0] + len(steps)))
