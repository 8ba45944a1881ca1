"""Excel's tables as rows of texts: the cells of an .xlsx file, a zip of XML, read without further libraries.

Sheets with the same first line are one table, such as a sheet per split or folder.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from diagnose.dataset.sources.entities import declares_entities
from diagnose.model import InputError, printable

LARGEST = 50 << 20  # bytes of a sheet, unpacked
EMPTY_ROWS = 20  # rows at the beginning that may hold titles and logos
NAME = re.compile(r"\{.*\}")


@dataclass(frozen=True)
class Page:
    """A sheet of a workbook: its name and its rows, padded to the same length."""

    name: str
    rows: list[list[str]]


def pages_of(file: Path) -> list[Page]:
    """The sheets with rows. Raises InputError for a file that isn't a workbook or is too large."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            shared = _shared(archive) if "xl/sharedStrings.xml" in names else []
            found = [Page(name, _filled(list(_rows(_parsed(archive, part), shared))))
                     for name, part in _parts(archive) if part in names]  # fmt: skip
    except (
        zipfile.BadZipFile,
        KeyError,
        ElementTree.ParseError,
        OSError,
        ValueError,
        IndexError,
        RuntimeError,
        zlib.error,
    ) as fault:
        raise InputError(
            f"{printable(str(file))} cannot be read as an Excel workbook ({printable(str(fault))}): save it as CSV."
        ) from None
    return [page for page in found if page.rows]


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """(name, member) of each sheet, in the workbook's order."""
    targets = {one.get("Id", ""): one.get("Target", "") for one in _parsed(archive, "xl/_rels/workbook.xml.rels")}
    for sheet in _parsed(archive, "xl/workbook.xml").iter():
        if _tag(sheet) == "sheet":
            key = next((value for name, value in sheet.attrib.items() if NAME.sub("", name) == "id"), "")
            target = targets.get(key, "").removeprefix("/")
            yield sheet.get("name", ""), target if target.startswith("xl/") else f"xl/{target}"


def _parsed(archive: zipfile.ZipFile, member: str) -> ElementTree.Element:
    if archive.getinfo(member).file_size > LARGEST:
        raise ValueError(f"{member} has {archive.getinfo(member).file_size / 1e6:.0f} MB")
    data = archive.read(member)
    if declares_entities(data[:4_096]):
        raise ValueError("it declares entities, which Excel does not")
    return ElementTree.fromstring(data)


def _tag(one: ElementTree.Element) -> str:
    return NAME.sub("", one.tag)


def _text(one: ElementTree.Element) -> str:
    """The text of a cell or a shared string, without phonetic hints for Japanese words (rPh)."""
    return "".join(
        _text(inner) if _tag(inner) in ("si", "is", "r") else inner.text or "" if _tag(inner) == "t" else ""
        for inner in one
    )


def _shared(archive: zipfile.ZipFile) -> list[str]:
    return [_text(one) for one in _parsed(archive, "xl/sharedStrings.xml")]


def _rows(sheet: ElementTree.Element, shared: list[str]) -> Iterator[list[str]]:
    for row in sheet.iter():
        if _tag(row) != "row":
            continue
        cells: dict[int, str] = {}
        for number, cell in enumerate(row):
            place = re.match(r"[A-Z]+", cell.get("r", ""))
            cells[_column(place[0]) if place else number] = _value(cell, shared)
        yield [cells.get(number, "") for number in range(max(cells, default=-1) + 1)]


def _column(letters: str) -> int:
    number = 0
    for letter in letters[:3]:
        number = 26 * number + ord(letter) - 64
    return number - 1


def _value(cell: ElementTree.Element, shared: list[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(_text(one) for one in cell if _tag(one) == "is")
    text = next((one.text or "" for one in cell if _tag(one) == "v"), "")
    if kind == "s":
        return shared[int(text)] if text else ""
    if kind == "b":
        return "true" if text == "1" else "false"
    return text[:-2] if re.fullmatch(r"-?\d+\.0", text) else text


def _filled(rows: list[list[str]]) -> list[list[str]]:
    """The rows without empty ones and titles above the table, padded to the same width."""
    width = max(map(len, rows), default=0)
    held = [row + [""] * (width - len(row)) for row in rows if any(cell.strip() for cell in row)]
    wide = max((sum(bool(cell.strip()) for cell in row) for row in held[:EMPTY_ROWS]), default=0)
    first = next((n for n, row in enumerate(held) if 2 * sum(bool(cell.strip()) for cell in row) > wide), 0)
    return held[first:]
