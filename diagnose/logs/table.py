"""Tables of values by epoch or step: CSV, TSV, columns of spaces, and tables of Markdown.

So Keras' CSVLogger, Lightning's metrics.csv, timm's summary.csv, Ultralytics' results.csv and the CSV files of fastai,
Composer, Catalyst and MMEngine come, and those of own programs: what a column is follows from its name.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

from diagnose.logs.names import OF_METRIC, OF_VALUE, label_of, named, of_row, place_of, words
from diagnose.logs.rows import NO_NUMBER, Row, Rows, number

FORM = "table"
FEWEST_NAMED = 1  # columns that are a metric, for a line to be a table's first


def split_cells(line: str, delimiter: str) -> list[str]:
    """The cells of a line. delimiter: "," ";" tab, "|" (a Markdown table) or " " (runs of spaces)."""
    if delimiter == " ":
        return line.split() if "  " not in line.strip() else re.split(r"\s{2,}|\t", line.strip())
    if delimiter == "|":
        return [cell.strip() for cell in line.strip().strip("|").split("|")]
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]
    except (csv.Error, StopIteration):
        return []


def header(line: str) -> tuple[str, list[str]] | None:
    """The delimiter and names of a line that begins a table; None for any other."""
    if not re.search(r"[A-Za-z]", line) or len(line) > 20_000:
        return None
    for delimiter in ("|", ",", "\t", ";", " "):
        if delimiter not in line:
            continue
        cells = split_cells(line, delimiter)
        if (
            len(cells) < 2
            or any(number(cell) for cell in cells)
            or any(re.search(r"[:=]\s*\S", cell) for cell in cells)
        ):
            continue
        metrics = [cell for cell in cells if named(cell)]
        columns = {"".join(words(cell)) for cell in cells}
        if columns & OF_METRIC and columns & OF_VALUE:  # a metric's name and its value in columns of their own
            metrics += [cell for cell in cells if "".join(words(cell)) in OF_VALUE]
        placed = [cell for cell in cells if place_of(cell)]
        least = FEWEST_NAMED if placed else 2
        # Words of prose stand between spaces too: there the epoch, and another column that is known, are asked for.
        spaced = placed and (len(metrics) >= 2 or len(metrics) + len(placed) == len(cells))
        if len(metrics) >= least and (delimiter != " " or spaced):
            return delimiter, cells
    return None


def row(cells: Sequence[str], names: Sequence[str], line: int) -> Row | None:
    """One line of a table; None where it isn't one: another number of cells, or no value."""
    if len(cells) > len(names) or len(cells) < 2:
        return None
    made = Row({}, line)
    split, metric = of_row({name: cell for name, cell in zip(names, cells, strict=False) if cell and not number(cell)})
    for name, cell in zip(names, cells, strict=False):
        got = number(cell) if cell else None
        if got is None:
            if cell and cell.lower() not in ("none", "null", "na", "n/a", "-", "") and (place_of(name) or named(name)):
                return None
            continue
        value, percent = got
        if place := place_of(name):
            setattr(made, place, value)
        elif label := label_of(name, split, metric):
            made.values[label] = value
            if percent or re.search(r"%|percent|\bpct\b", name, re.I):
                made.percent.add(label)
    return made if made.values else None


def read_table(text: str) -> Rows | None:
    """The rows of a file that is a table; None where its first line doesn't name columns."""
    lines = text.splitlines()
    start = next((n for n, line in enumerate(lines) if line.strip()), None)
    begun = header(lines[start]) if start is not None else None
    if begun is None or start is None:
        return None
    delimiter, names = begun
    found = Rows(FORM)
    for count, line in enumerate(lines[start + 1 :], start=start + 2):
        if not line.strip() or set(line.strip()) <= set("|-: +="):
            continue
        if again := header(line):  # the program was started again and appended its own first line
            delimiter, names = again
            continue
        if line.strip().lower().startswith(("#",)):
            continue
        cells = split_cells(line, delimiter)
        if made := row(cells, names, count):
            found.rows.append(made)
        elif len(cells) > len(names) or (cells and not _empty(cells, names)):
            found.unread.append((count, f"it doesn't have the {len(names)} columns of the first line"))
    return found


def _empty(cells: Sequence[str], names: Sequence[str]) -> bool:
    """Whether a line has no value for any known metric: it is of something else, and not damaged."""
    fits = len(cells) <= len(names)
    return fits and all(
        not cell or not (named(name) or place_of(name)) or number(cell) or re.fullmatch(NO_NUMBER, cell, re.I)
        for name, cell in zip(names, cells, strict=False)
    )
