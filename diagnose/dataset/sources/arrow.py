"""Tables of images: Parquet files and datasets saved by Hugging Face's `datasets`, with the images' bytes or paths in a
column.

pyarrow reads them; it is an extra, since it is large and few users need it.
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
from diagnose.dataset.sources.lookup import Finder, Found
from diagnose.dataset.sources.manifest import guessed_label, usage
from diagnose.dataset.sources.source import TOGETHER, Entry, exact_split
from diagnose.model import WHOLE, InputError, Reading, printable

ENDINGS = (".parquet", ".arrow")
BYTES, PIXELS, PATH = "row", "pixels", "path"  # contents of a column of images
LEAST_PIXELS = 16  # in a list, or rows of them


@dataclass(frozen=True)
class Columns:
    """Names of a table's columns; kind: whether images are bytes, pixels or paths; names: class names, if labels are
    numbers; several: whether a label is a list of labels."""

    image: str
    label: str
    split: str | None
    kind: str
    names: tuple[str, ...] = ()
    several: bool = False


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
        columns = self.columns
        for split, file in self.files:
            state = os.stat(file)
            finder = Finder(Path(file), Path(self.root))
            wanted = [
                columns.label,
                *([columns.split] if columns.split else []),
                *([columns.image] if columns.kind == PATH else []),
            ]
            for group in range(_groups(file)):
                for number, row in enumerate(_group(file, group, tuple(dict.fromkeys(wanted))).to_pylist()):
                    own = usage(str(row[columns.split])) if columns.split else split
                    label = self._named(row[columns.label])
                    if columns.kind == PATH:
                        name = str(row[columns.image])
                        found = finder.find(name) or Found(finder.path(name), -1, 0)
                        yield Entry(found.path, own, label, True, None, found.size, found.changed)
                    else:
                        member = f"{columns.kind}|{group}|{number}|{columns.image}|{group}.{number}"
                        yield Entry(file, own, label, True, member, state.st_size, state.st_mtime_ns)

    def expected(self) -> tuple[tuple[str, str], ...]:
        """Every split with every class name of the schema; empty without names, or if a column holds the split."""
        splits = dict.fromkeys(split for split, _ in self.files) if not self.columns.split else {}
        return tuple((split, name) for split in splits for name in self.columns.names)

    def _named(self, label: Any) -> str:
        if isinstance(label, list):
            return TOGETHER.join(sorted(self._named(one) for one in label)) or "(no label)"
        if isinstance(label, int) and 0 <= label < len(self.columns.names):
            return self.columns.names[label]
        return str(label)


def find_arrow(path: Path) -> Arrow | None:
    """The tables at `path`, a file or a folder; None if there are none. Raises InputError for tables without labelled
    images, and if pyarrow is missing."""
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
    tables = tuple((split, str(file)) for split, file in files)
    try:
        columns = _columns(files[0][1], path if path.is_dir() else path.parent)
    except (OSError, ValueError) as fault:  # pyarrow's own errors are ValueErrors
        raise InputError(f"{printable(str(files[0][1]))} cannot be read ({fault}): write it again.") from None
    notes = () if plain(columns.label) in LABELS else (guessed_label(columns.label, files[0][1].name),)
    return Arrow(str(path if path.is_dir() else path.parent), tables, columns, notes=notes, several=columns.several)


def read(path: str, arguments: str) -> bytes:
    """One image's bytes: `group|row|column|name`. For pixels, a PPM or PGM file."""
    group, row, column, _ = arguments.split("|", 3)
    value = _column(path, int(group), column)[int(row)].as_py()
    if isinstance(value, list):
        import numpy as np

        from diagnose.dataset.sources.raster import ppm

        return ppm(np.array(value))
    found = value.get("bytes") if isinstance(value, dict) else value
    if found is None and isinstance(value, dict) and value.get("path"):
        return Path(path).parent.joinpath(str(value["path"])).read_bytes()
    if found is None:
        raise OSError("the table holds no image in this row")
    return bytes(found)


def _files(path: Path) -> list[tuple[str, Path]]:
    """(split, table) at a path; the split comes from the table's name or its folder's."""
    if path.is_file():
        return [(WHOLE, path)] if path.suffix in ENDINGS else []
    places = [path, path / "data", *(child for child in sorted(path.iterdir()) if exact_split(child.name))]
    for place in places:
        if (place / "dataset_dict.json").is_file():
            splits = json.loads((place / "dataset_dict.json").read_text())["splits"]
            return [
                (exact_split(split) or split, file)
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
    return next((split for word in words if (split := exact_split(word)) is not None), WHOLE)


def _columns(file: Path, root: Path) -> Columns:
    schema = _schema(str(file))
    names = [plain(name) for name in schema.names]
    kinds = [_kind(schema.field(name).type) for name in schema.names]
    image = _image(file, root, names, kinds)
    split = chosen(names, SPLITS, without=(image,))
    texts = [
        number for number, kind in enumerate(kinds) if kind in (PATH, "number", "list") and number not in (image, split)
    ]
    label = chosen(names, LABELS, without=(image, split, *(n for n, kind in enumerate(kinds) if kind in (BYTES, ""))))
    if label is None and len(texts) == 1:
        label = texts[0]
    if image is None or label is None:
        lacking = "images (bytes, pixels or paths)" if image is None else "labels"
        raise InputError(
            f"{printable(str(file))} has no column of {lacking}: it has "
            f"{printable(', '.join(schema.names[:8]))}; name the "
            "columns image (or path) and label."
        )
    called = schema.names
    return Columns(
        called[image],
        called[label],
        called[split] if split is not None else None,
        PIXELS if kinds[image] == "list" else kinds[image],
        _class_names(file, schema, called[label]),
        kinds[label] == "list",
    )


def _image(file: Path, root: Path, names: list[str], kinds: list[str]) -> int | None:
    """The column of images: bytes, lists of pixels, or paths that exist."""
    for kind in (BYTES, "list"):
        fitting = [number for number, one in enumerate(kinds) if one == kind]
        named = next((number for name in (*PATHS, "pixels") for number in fitting if names[number] == name), None)
        if kind == "list" and named is not None and len(next(iter(_some(file, named)), None) or ()) < LEAST_PIXELS:
            named = None
        if named is not None or (kind == BYTES and fitting):
            return named if named is not None else fitting[0]
    finder = Finder(file, root)
    texts = [number for number, one in enumerate(kinds) if one == PATH]
    named = chosen(names, PATHS)
    for number in sorted(texts, key=lambda one: one != named):
        if any(finder.find(str(value)) for value in _some(file, number)):
            return number
    return named if named in texts else None


def _some(file: Path, column: int) -> list[Any]:
    name = _schema(str(file)).names[column]
    table = _group(str(file), 0, (name,))
    return [value[name] for value in table.slice(0, 8).to_pylist()]


def _kind(kind: Any) -> str:
    """The contents of a column: image bytes, texts, numbers, lists; empty for anything else."""
    import pyarrow as pa

    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_struct(kind):
        return BYTES if kind.get_field_index("bytes") >= 0 else ""
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return BYTES
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return PATH
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        return "number"
    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return "list" if any(is_one(kind) for is_one in lists) else ""


def _class_names(file: Path, schema: Any, label: str) -> tuple[str, ...]:
    """The names of `datasets`' ClassLabel, from dataset_info.json or the table's metadata."""
    beside = file.parent / "dataset_info.json"
    if beside.is_file():
        features = json.loads(beside.read_text()).get("features") or {}
    else:
        metadata = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
        features = metadata.get("info", {}).get("features", {})
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
