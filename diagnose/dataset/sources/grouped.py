"""Images of patients, slides, fields or cameras, whose class is in a table with a row per group, not per image.

The group is one of the image's folders, or the first word of its name (P013_left.png). The table's column of groups is
recognised by its values, which are those folders or words, and mustn't have a name for labels; its label is recognised
by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from diagnose.dataset.sources.columns import MOST_COLUMNS, chosen, says_label
from diagnose.dataset.sources.folder import walk
from diagnose.dataset.sources.foldernames import in_series
from diagnose.dataset.sources.groups import group_of, same_key
from diagnose.dataset.sources.joining import CLASSES, Table, tables_in
from diagnose.dataset.sources.plan import Plan
from diagnose.dataset.sources.source import IMAGE_ENDINGS, Entry, Listing
from diagnose.model import WHOLE, Reading, printable

SAMPLED = 20_000  # images that are looked up in a table
COVERED = 0.8  # share of them whose group has a row
AGAIN = 0.5  # classes per group, at most: in a table with a class per row, the rows are the classes

# Words for groups in column names: folders with other names are classes with superclasses.
GROUP = re.compile(
    r"patient|subject|participant|case|slide|specimen|sample|lesion|individual|animal|person|user|session|visit|study"
    r"|scan|video|clip|sequence|plant|tree|plot|field|parcel|site|location|camera|trap|station|batch|lot|well|plate"
    r"|donor|cow|pig|bird|unit|serial|paciente|paziente|sujet|proband|fall|probe|kamera|charge|anlage|lieu|ort"
)


def find_grouped(folder: Path, plan: Plan) -> Listing | None:
    """The images below a folder, with the classes that a table assigns to their groups; None if no table does."""
    tables = [table for table in tables_in(folder) if table.names]
    if not tables:
        return None
    endings = plan.endings or IMAGE_ENDINGS
    sample = [entry.path for entry in islice(_images(folder, endings), SAMPLED)]
    for table in tables:
        for key in range(min(len(table.names), MOST_COLUMNS)):
            classes = _classes(table, key)
            if classes is None:
                continue
            label, label_of = classes
            found = [one for path in sample if (one := group_of(path, str(folder), label_of)) is not None]
            groups = set(found)
            names = {label_of[one] for one in groups}
            if len(found) < COVERED * len(sample) or not 2 <= len(names) <= AGAIN * len(groups):
                continue
            if plan.classes and not _are_groups(plan.classes, groups, table.names[key]):
                continue
            return _listing(folder, endings, table, key, label, label_of)
    return None


def _are_groups(folders: set[str], groups: set[str], column: str) -> bool:
    """Whether folders are the groups of the table, as opposed to classes with superclasses, or something else."""
    named = GROUP.search(column) is not None or all(map(in_series, folders))
    return named and bool({same_key(name) for name in folders} & groups)


def _classes(table: Table, key: int) -> tuple[int, dict[str, str]] | None:
    """The column of classes for a column of groups, and the class of each group; None if a group has two classes, or
    the column of groups is itself one of labels."""
    if table.names[key] in CLASSES or says_label(table.sheet.columns[key]):
        return None
    label = chosen(table.names, CLASSES, without=(key,))
    if label is None:
        worded = (n for n, name in enumerate(table.sheet.columns) if n != key and says_label(name))
        label = next(worded, None)
    if label is None:
        return None
    label_of: dict[str, str] = {}
    for row in table.rows:
        if label_of.setdefault(same_key(row[key]), row[label].strip()) != row[label].strip():
            return None
    return label, label_of


def _images(folder: Path, endings: tuple[str, ...]) -> Iterator[Entry]:
    return (entry for entry in walk(str(folder), WHOLE, "", endings) if entry.is_image)


def _listing(
    folder: Path, endings: tuple[str, ...], table: Table, key: int, label: int, label_of: dict[str, str]
) -> Listing:
    def rows() -> Iterator[Entry]:
        for entry in _images(folder, endings):
            group = group_of(entry.path, str(folder), label_of)
            if group is not None and label_of[group]:
                yield entry._replace(label=label_of[group])

    columns = table.sheet.columns
    said = (
        f"{printable(table.sheet.file.name)} names the classes, in {printable(columns[label])}, by "
        f"{printable(columns[key])}, which the images' folders or names show."
    )
    notes = [Reading("grouped", said, "Where another column is the class, write a table of path and label.", True)]
    left = sum(group_of(entry.path, str(folder), label_of) is None for entry in _images(folder, endings))
    if left:
        notes.append(Reading("unlabelled", f"{left} images are of no row of {printable(table.sheet.file.name)}; "
                                           "they were left out."))  # fmt: skip
    return Listing(str(folder), rows, notes=tuple(notes), ordered=False)
