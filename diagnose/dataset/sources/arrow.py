"""Tables of images: Parquet files and what Hugging Face's `datasets` saves on disk, with the images' bytes in a column,
or their paths.

pyarrow reads them; it is an extra, since it is large and few need it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from diagnose.dataset.sources.columns import LABELS, PATHS, SPLITS, chosen, plain
from diagnose.dataset.sources.source import Entry, listed, named_split, told_split
from diagnose.model import WHOLE, InputError, Reading, printable

ENDINGS = (".parquet", ".arrow")


@dataclass(frozen=True)
class Columns:
    """Names of a table's columns; names: of the classes, where labels are numbers."""

    image: str
    label: str
    split: str | None
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Arrow:
    """(split, file) of tables with the same columns."""

    root: str
    files: tuple[tuple[str, str], ...]
    columns: Columns
    ordered: bool = True
    notes: tuple[Reading, ...] = ()
    several: bool = False

    def entries(self) -> Iterator[Entry]:
        """Every row of every table, table by table."""
        for split, file in self.files:
            state = os.stat(file)
            inside = _holds_bytes(_schema(file), self.columns.image)
            for group in range(_groups(file)):
                wanted = [self.columns.label, *([self.columns.split] if self.columns.split else [])]
                table = _group(file, group, (*wanted, *(() if inside else (self.columns.image,))))
                for number, row in enumerate(table.to_pylist()):
                    own = named_split(str(row[self.columns.split])) if self.columns.split else split
                    label = self._named(row[self.columns.label])
                    if inside:
                        member = f"row|{group}|{number}|{self.columns.image}|{group}.{number}"
                        yield Entry(file, own, label, True, member, state.st_size, state.st_mtime_ns)
                    else:
                        yield listed(file, str(row[self.columns.image]), own, label)

    def expected(self) -> tuple[tuple[str, str], ...]:
        """Every split with every class name of the schema; empty without names, or where a column holds the split."""
        splits = dict.fromkeys(split for split, _ in self.files) if not self.columns.split else {}
        return tuple((split, name) for split in splits for name in self.columns.names)

    def _named(self, label: Any) -> str:
        if isinstance(label, int) and 0 <= label < len(self.columns.names):
            return self.columns.names[label]
        return str(label)


def find_arrow(path: Path) -> Arrow | None:
    """The tables at `path`, a file or a folder; None where there are none. Raises InputError for tables that hold no
    labelled images, and where pyarrow is missing."""
    files = _files(path)
    if not files:
        return None
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise InputError(
            f"{printable(str(path))} holds {files[0][1].suffix} tables, which pyarrow reads: pip install "
            "'diagnose-training[parquet]'."
        ) from None
    told = tuple((split, str(file)) for split, file in files)
    try:
        columns = _columns(files[0][1])
    except (OSError, ValueError) as fault:  # pyarrow's own errors are ValueErrors
        raise InputError(f"{printable(str(files[0][1]))} cannot be read ({fault}): write it again.") from None
    return Arrow(str(path if path.is_dir() else path.parent), told, columns)


def read(path: str, arguments: str) -> bytes:
    """One image's bytes: `group|row|column|name`."""
    group, row, column, _ = arguments.split("|", 3)
    value = _column(path, int(group), column)[int(row)].as_py()
    found = value.get("bytes") if isinstance(value, dict) else value
    if found is None and isinstance(value, dict) and value.get("path"):
        return Path(path).parent.joinpath(str(value["path"])).read_bytes()
    if found is None:
        raise OSError("the table holds no image in this row")
    return bytes(found)


def _files(path: Path) -> list[tuple[str, Path]]:
    """(split, table) at a path; the split by the table's name, or by its folder's."""
    if path.is_file():
        return [(WHOLE, path)] if path.suffix in ENDINGS else []
    places = [path, path / "data", *(child for child in sorted(path.iterdir()) if told_split(child.name))]
    for place in places:
        if (place / "dataset_dict.json").is_file():
            splits = json.loads((place / "dataset_dict.json").read_text())["splits"]
            return [
                (told_split(split) or split, file)
                for split in splits
                for file in sorted((place / split).glob("*.arrow"))
            ]
    found = [
        (_split_of(file, path), file)
        for place in places
        if place.is_dir()
        for ending in ENDINGS
        for file in sorted(place.glob(f"*{ending}"))
    ]
    return list(dict.fromkeys(found))


def _split_of(file: Path, root: Path) -> str:
    inner = file.relative_to(root)
    words = [*inner.parts[:-1], *re.split(r"[^A-Za-z]+", inner.stem)]
    return next((split for word in words if (split := told_split(word)) is not None), WHOLE)


def _columns(file: Path) -> Columns:
    schema = _schema(str(file))
    names = list(schema.names)
    label, split = (chosen(names, wanted) for wanted in (LABELS, SPLITS))
    images = [name for name in names if _holds_bytes(schema, name)]
    path = chosen(names, PATHS)
    image = images[0] if images else names[path] if path is not None else None
    if image is None or label is None:
        lacking = "images (bytes or paths)" if image is None else "labels"
        raise InputError(
            f"{printable(str(file))} has no column of {lacking}: it has {printable(', '.join(names[:8]))}; name the "
            "columns image (or path) and label."
        )
    return Columns(
        image, names[label], names[split] if split is not None else None, _class_names(file, schema, names[label])
    )


def _holds_bytes(schema: Any, name: str) -> bool:
    import pyarrow as pa

    kind = schema.field(name).type
    if pa.types.is_struct(kind):
        return bool(kind.get_field_index("bytes") >= 0)
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _class_names(file: Path, schema: Any, label: str) -> tuple[str, ...]:
    """Those of `datasets`' ClassLabel, from beside the table or from its metadata."""
    beside = file.parent / "dataset_info.json"
    if beside.is_file():
        features = json.loads(beside.read_text()).get("features") or {}
    else:
        told = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
        features = told.get("info", {}).get("features", {})
    names = (features.get(label) or {}).get("names") or ()
    return tuple(map(str, names))


# ---------------------------------------------------------------------- one file


@lru_cache(maxsize=2)
def _opened(file: str) -> Any:
    """pyarrow's reader: ParquetFile, or the list of batches of an Arrow file or stream."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if file.endswith(".parquet"):
        return pq.ParquetFile(file)
    mapped = pa.memory_map(file)
    try:
        return pa.ipc.open_file(mapped).read_all().to_batches()
    except pa.ArrowInvalid:
        mapped.seek(0)
        return pa.ipc.open_stream(mapped).read_all().to_batches()


def _schema(file: str) -> Any:
    opened = _opened(file)
    return opened[0].schema if isinstance(opened, list) else opened.schema_arrow


def _groups(file: str) -> int:
    opened = _opened(file)
    return len(opened) if isinstance(opened, list) else int(opened.num_row_groups)


def _group(file: str, group: int, columns: tuple[str, ...]) -> Any:
    opened = _opened(file)
    if isinstance(opened, list):
        return opened[group].select(list(columns))
    return opened.read_row_group(group, columns=list(columns))


@lru_cache(maxsize=1)
def _column(file: str, group: int, column: str) -> Any:
    return _group(file, group, (column,)).column(column)
