"""Tables of pixels: a CSV whose columns are pixels (label,pixel0,...), or with all of them in one column (FER2013)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from diagnose.dataset.sources.columns import LABELS, SPLITS, chosen, plain
from diagnose.dataset.sources.manifest import usage
from diagnose.dataset.sources.sheet import Sheet, sheet_of
from diagnose.dataset.sources.source import Entry, Listing, loose_split
from diagnose.model import WHOLE, InputError, Reading, printable

LEAST = 49  # numeric columns needed to count as pixels
ALL_IN_ONE = ("pixels", "pixel", "image", "data", "img")


@dataclass(frozen=True)
class Shape:
    """Where pixels and labels are in a row. first, count: the columns of pixels; count is 0 if one column has all."""

    delimiter: str
    first: int
    count: int
    label: int
    split: int | None
    header: bool

    @property
    def encoded(self) -> str:
        """Its representation in a member."""
        return f"{self.first}:{self.count}:{ord(self.delimiter)}"


def find_pixels(file: Path, split: str = WHOLE) -> Listing | None:
    """The pixels in a CSV file; None if it holds something else. Raises InputError if a label is missing."""
    shape = _shape(file)
    if shape is None:
        return None
    path = str(file)

    def rows() -> Iterator[Entry]:
        state = file.stat()
        for number, (offset, line) in enumerate(_lines(path, shape.header)):
            cells = line.decode("utf-8", "replace").rstrip("\r\n").split(shape.delimiter)
            if len(cells) <= max(shape.first, shape.label):
                continue
            own = split if shape.split is None else usage(cells[shape.split].strip())
            member = f"csv|{offset}|{len(line)}|{shape.encoded}|{number:06d}"
            label = cells[shape.label].strip().strip('"')
            yield Entry(path, own, label, True, member, state.st_size, state.st_mtime_ns)

    note = Reading("pixels", f"{printable(file.name)} holds the pixels themselves.")
    return Listing(str(file.parent), rows, notes=(note,))


def find_all_pixels(folder: Path) -> list[tuple[str, Listing]]:
    """(split, pixels) of the CSV files in a folder that hold pixels and labels."""
    found = []
    for file in sorted(folder.glob("*.csv"))[:12]:
        if file.is_file():
            split = loose_split(file.stem) or WHOLE
            try:
                one = find_pixels(file, split)
            except InputError:
                continue
            if one is not None:
                found.append((split, one))
    return found


def read(path: str, arguments: str) -> bytes:
    """One row as a PGM or PPM file: `offset|length|shape|name`."""
    import numpy as np

    from diagnose.dataset.sources.raster import ppm

    offset, length, shape, _ = arguments.split("|", 3)
    first, count, delimiter = map(int, shape.split(":"))
    with open(path, "rb") as stream:
        stream.seek(int(offset))
        cells = stream.read(int(length)).decode("utf-8", "replace").rstrip("\r\n").split(chr(delimiter))
    texts = cells[first : first + count] if count else cells[first].strip(' "[]').replace(",", " ").split()
    return ppm(np.array([float(text or 0) for text in texts]))


def _shape(file: Path) -> Shape | None:
    sheet = sheet_of(file)
    rows = sheet.sample
    width = len(sheet.first)
    header = not all(_is_number(cell) for cell in sheet.first)
    body = rows[1:] if header else rows
    if not body or any(len(row) != width for row in body[:20]):
        return None
    names = [plain(name) for name in sheet.first] if header else []
    delimiter = _delimiter(sheet, file)
    if (number := chosen(names, ALL_IN_ONE)) is not None and len(body[0][number].split()) >= LEAST:
        label = chosen(names, LABELS, without=(number,))
        return None if label is None else Shape(delimiter, number, 0, label, chosen(names, SPLITS), True)
    if width < LEAST or not all(_is_number(cell) for row in body[:3] for cell in row):
        return None
    label = chosen(names, LABELS) if names else _label_without_name(body)
    if label is None:
        raise InputError(
            f"{printable(str(file))} holds pixels and no label: name the column of the classes label; a file of images "
            "to be predicted is none to train on."
        )
    others = [number for number in range(width) if number != label]
    if names:
        named = [number for number in others if any(character.isdigit() for character in names[number])]
        others = named if len(named) >= LEAST else others
    if others != list(range(others[0], others[0] + len(others))):
        return None
    return Shape(delimiter, others[0], len(others), label, None, header)


def _label_without_name(body: list[list[str]]) -> int | None:
    """The first or the last column, whichever has few distinct values, if all others form an image."""
    square = len(body[0]) - 1
    if round(square**0.5) ** 2 != square and round((square / 3) ** 0.5) ** 2 * 3 != square:
        return None
    scores = {number: len({row[number] for row in body}) for number in (0, square)}
    return min(scores, key=lambda number: (scores[number] < 2, scores[number] > 100, number))


def _delimiter(sheet: Sheet, file: Path) -> str:
    with open(file, encoding="utf-8-sig", errors="replace") as stream:
        line = stream.readline()
    return max(",;\t", key=line.count)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _lines(path: str, header: bool) -> Iterator[tuple[int, bytes]]:
    offset = 0
    with open(path, "rb") as stream:
        for number, line in enumerate(stream):
            if line.strip() and not (header and number == 0):
                yield offset, line
            offset += len(line)
