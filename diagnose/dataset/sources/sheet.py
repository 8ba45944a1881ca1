"""A list as rows of texts, in any format: CSV, TSV, lines of words, JSON lines, Excel.

Rows are read lazily, each time they are requested: a list may have millions.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import gzip
import io
import json
import os
import re
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import IO, Any, cast

from diagnose.dataset.sources.groundtruth import SEVERAL, plain_line
from diagnose.dataset.sources.source import IMAGE_ENDINGS, loose_split
from diagnose.dataset.sources.workbook import Page, pages_of
from diagnose.model import InputError, printable

WORKBOOKS = (".xlsx", ".xlsm")
ENDINGS = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".lst", ".list", ".tab", ".manifest", ".csv.gz", ".tsv.gz",
           ".txt.gz", ".arff", *WORKBOOKS)  # fmt: skip
ARFF = ".arff"
ATTRIBUTE = re.compile(r"@attribute\s+('[^']*'|\"[^\"]*\"|\S+)", re.I)
JSON_LINES = (".jsonl", ".ndjson", ".manifest")
SAMPLE = 65_536  # characters at each sampled place
UTF8 = "utf-8-sig"  # with or without a byte order mark
PAIRED = 0.8  # of the non-ASCII bytes, in runs of even length
PLACES = 6  # sampled in a long list: lists are often sorted by class
LONGEST_FIELD = 1 << 24  # characters; above this, csv reports the file as damaged


@dataclass(frozen=True)
class Sheet:
    """columns: their names, empty if the first line is a row; rows: all rows, without the header; sample: rows spread
    over the list."""

    file: Path
    columns: list[str]
    rows: Callable[[], Iterator[list[str]]]
    sample: list[list[str]]
    first: list[str]
    encoding: str = UTF8


def sheet_of(file: Path) -> Sheet:
    """The rows of a text file. Raises InputError for a file that isn't text."""
    if file.suffix.lower() in JSON_LINES:
        return _json_lines(file)
    if file.suffix.lower() in WORKBOOKS:
        return _workbook(file)
    if file.suffix.lower() == ARFF:
        return _arff(file)
    with _damage(file):
        encoding = encoding_of(file)
        texts = _texts(file, encoding)
    delimiter = _delimiter(texts[0], file)
    spaced = _spaced(texts[0], delimiter)
    read = _words if delimiter == " " else _csv
    with _damage(file):
        sample = [row for text in texts for row in read(iter(text.splitlines(keepends=True)), delimiter, spaced) if row]

    def rows() -> Iterator[list[str]]:
        with _damage(file), opened(file, encoding) as stream:
            yield from read(iter(stream), delimiter, spaced)

    first = sample[0] if sample else []
    return Sheet(file, [], rows, sample, first, encoding)


def is_packed(file: Path) -> bool:
    """Whether a list is compressed by gzip: labels.csv.gz."""
    return file.suffix.lower() == ".gz"


def opened_bytes(file: Path) -> IO[bytes]:
    """The bytes of a list, unpacked."""
    return cast("IO[bytes]", gzip.open(file, "rb")) if is_packed(file) else open(file, "rb")


def opened(file: Path, encoding: str) -> IO[str]:
    """The text of a list, unpacked."""
    return io.TextIOWrapper(opened_bytes(file), encoding, "surrogateescape", newline="")


@contextlib.contextmanager
def _damage(file: Path) -> Iterator[None]:
    """Raise InputError instead of csv's own errors, such as for a quote that is never closed."""
    try:
        yield
    except (csv.Error, EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise InputError(
            f"{printable(str(file))} is damaged ({fault}): look for a quote that is opened and not closed, and write "
            "the list again."
        ) from None


def with_header(sheet: Sheet) -> Sheet:
    """The same sheet, with the first line as column names."""

    def rows() -> Iterator[list[str]]:
        found = sheet.rows()
        next(found, None)
        return found

    return Sheet(sheet.file, [name.strip() for name in sheet.first], rows, sheet.sample[1:], sheet.first,
                 sheet.encoding)  # fmt: skip


def made(file: Path, columns: list[str], rows: list[list[str]]) -> Sheet:
    """A sheet of rows in memory."""
    return Sheet(file, columns, lambda: iter(rows), rows[:: max(1, len(rows) // 2_000)], columns)


def _workbook(file: Path) -> Sheet:
    """The largest table of a workbook: sheets with the same first line are one. If their names are splits, they become
    a column; if first cells repeat across sheets named after folders, the folder is prepended to them."""
    tables: dict[tuple[str, ...], list[Page]] = defaultdict(list)
    for page in pages_of(file):
        tables[tuple(cell.strip().lower() for cell in page.rows[0])].append(page)
    pages = max(tables.values(), key=lambda some: sum(len(page.rows) for page in some), default=[])
    if not pages:
        return made(file, [], [])
    split = len(pages) > 1 and all(loose_split(page.name) for page in pages)
    firsts = [row[0] for page in pages for row in page.rows[1:]]
    placed = len(set(firsts)) < len(firsts) and all(any(file.parent.rglob(escape(page.name))) for page in pages)
    rows = [[f"{page.name}/{row[0]}" if placed and len(pages) > 1 else row[0], *row[1:], *([page.name] * split)]
            for page in pages for row in page.rows[1:]]  # fmt: skip
    first = pages[0].rows[0] + ["split"] * split
    return Sheet(file, [], lambda: iter([first, *rows]), [first, *rows[:: max(1, len(rows) // 2_000)]], first)


def as_text(value: Any) -> str:
    """A cell from a JSON value: the texts of a list are joined with SEVERAL."""
    if isinstance(value, list):
        return SEVERAL.join(as_text(one) for one in value)
    if isinstance(value, dict):
        return json.dumps(value)
    return "" if value is None else str(value)


def _csv(lines: Iterator[str], delimiter: str, spaced: bool) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_FIELD)
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=spaced)


def _words(lines: Iterator[str], delimiter: str, spaced: bool) -> Iterator[list[str]]:
    """The words of each line; comments are left out."""
    for line in lines:
        if not line.startswith("#") and (words := line.split()):
            yield words


def encoding_of(file: Path) -> str:
    """A text's encoding, by its beginning: UTF-8, else a Chinese or Japanese encoding if its non-ASCII bytes come in
    pairs, else Western European. Raises InputError for a file that isn't text."""
    with opened_bytes(file) as stream:
        head = stream.read(SAMPLE)
    if b"\0" in head:
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "utf-16"
        raise InputError(f"{printable(str(file))} isn't text: give a list as CSV, TSV or JSON lines.")
    with contextlib.suppress(UnicodeDecodeError):
        codecs.getincrementaldecoder(UTF8)().decode(head)
        return UTF8
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", head)]
    if sum(run for run in runs if run % 2 == 0) >= PAIRED * sum(runs):
        for encoding in ("gb18030", "shift_jis"):
            with contextlib.suppress(UnicodeDecodeError):
                codecs.getincrementaldecoder(encoding)().decode(head)
                return encoding
    return "cp1252"


def _texts(file: Path, encoding: str) -> list[str]:
    """The file's beginning, and blocks of whole lines further on."""
    size = 0 if is_packed(file) else file.stat().st_size
    with opened(file, encoding) as stream:
        texts = [stream.read(SAMPLE)]
    if len(texts[0]) == SAMPLE:
        texts[0] = texts[0][: texts[0].rfind("\n") + 1] or texts[0]
    if size > 4 * SAMPLE:
        with open(file, "rb") as plain:
            for place in range(1, PLACES):
                plain.seek(size * place // PLACES)
                lines = plain.read(SAMPLE // 4).decode(encoding, "surrogateescape").splitlines(keepends=True)
                texts.append("".join(lines[1:-1]))
    return texts


def _delimiter(head: str, file: Path) -> str:
    """The column separator: the one that occurs equally often in each of the first lines."""
    lines = [line for line in head.splitlines()[:50] if line.strip() and not line.startswith("#")]
    if file.name.lower().endswith((".tsv", ".tsv.gz")):
        return "\t"
    best = ","
    most = 0
    for delimiter in "\t;,|=":
        rows = list(csv.reader(lines, delimiter=delimiter))
        counts = sorted(len(row) for row in rows)
        usual = counts[len(counts) // 2] if counts else 0
        if usual > max(1, most) and sum(count == usual for count in counts) >= 0.8 * len(counts):
            best, most = delimiter, usual
    plain = not file.name.lower().endswith((".csv", ".csv.gz"))
    if most < 2 and lines and (plain or all(" " in line for line in lines)):
        return " " if plain or _aligned(lines) else best
    return best


def _aligned(lines: list[str]) -> bool:
    """Whether lines of a .csv are words separated by spaces, the same number in each."""
    counts = {len(line.split()) for line in lines}
    return len(lines) > 1 and len(counts) == 1 and counts.pop() > 1


def _spaced(head: str, delimiter: str) -> bool:
    """Whether a space follows each delimiter, and so isn't part of the value."""
    lines = [line for line in head.splitlines()[:50] if delimiter in line]
    return bool(lines) and delimiter != " " and all(f"{delimiter} " in line for line in lines)


def _json_lines(file: Path) -> Sheet:
    def records() -> Iterator[dict[str, Any]]:
        with open(file, encoding="utf-8-sig", errors="surrogateescape") as stream:
            for number, line in enumerate(stream, start=1):
                if not line.strip():
                    continue
                try:
                    value = json.loads(line)
                except (ValueError, RecursionError):
                    raise InputError(
                        f"{printable(str(file))}, line {number}, isn't JSON: write one object per line, such as "
                        '{"file_name": "1.jpg", "label": "cat"}.'
                    ) from None
                if isinstance(value, dict):
                    yield from _each_image(plain_line(value))

    columns: dict[str, None] = {}
    some = []
    for number, value in enumerate(records()):
        if number >= 2_000:
            break
        columns.update(dict.fromkeys(value))
        some.append(value)
    names = list(columns)

    def rows() -> Iterator[list[str]]:
        for value in records():
            yield [as_text(value.get(name)) for name in names]

    return Sheet(file, names, rows, [[as_text(value.get(name)) for name in names] for value in some], names)


def _arff(file: Path) -> Sheet:
    """Weka's format: columns as @attribute lines, and CSV rows after @data."""
    with _damage(file), opened(file, encoding_of(file)) as stream:
        lines = [line for line in stream if line.strip() and not line.startswith("%")]
    begin = next((n for n, line in enumerate(lines) if line.strip().lower() == "@data"), len(lines))
    names = [found[1].strip("'\"") for line in lines[:begin] if (found := ATTRIBUTE.match(line))]
    rows = [[cell.strip("'") for cell in row] for row in csv.reader(lines[begin + 1 :], skipinitialspace=True)]
    return made(file, names, rows)


def _each_image(line: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The object itself, or one per image if a field lists several."""
    field = next((name for name, value in line.items() if isinstance(value, list) and value and all(
        isinstance(one, str) and one.lower().endswith(IMAGE_ENDINGS) for one in value)), None)  # fmt: skip
    if field is None:
        yield line
    else:
        yield from ({**line, field: one} for one in line[field])


def is_regular(path: Path | str) -> bool:
    """Whether it is a regular file, which can be read without blocking."""
    return os.path.isfile(path)
