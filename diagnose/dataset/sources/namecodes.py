"""Codes in file names, KA.AN1.39.tiff: which parts may be the class, and their meaning in a readme beside them.

A part is a candidate if its values repeat. It is taken for the class only if a readme explains its codes and those of
no other part; otherwise the matching patterns are listed, so that the user can choose.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from diagnose.dataset.sources.filenames import COVERED, LEAST, NO_CLASSES, find_in_names
from diagnose.dataset.sources.plan import Plan
from diagnose.dataset.sources.source import Entry, Listing, listed
from diagnose.dataset.sources.tree import images_in
from diagnose.model import InputError, Reading, printable

READ_ME = (".txt", ".md", ".rst", ".html", ".htm", "")
LONGEST = 1 << 18  # characters of a readme
MOST_VALUES = 100  # of a numeric part
ABBREVIATED = re.compile(r"[A-Z0-9]{1,5}|[a-z0-9]{1,3}")  # a longer word explains itself
SHOWN = 3
FACTORIAL = 0.9  # share of the combinations of two parts, above which they are two factors
ONCE = 0.1  # share of the values that may occur in one name only
EXPLAINED = re.compile(
    r"(?<![\w.])[`'\"(*|]*(\w{1,12})[`'\")*]*[ \t]*(?:=|:|->|→|–|—|\|| - |\t)[ \t]*([*_]*[^\W\d][^,;:=|()\n]*)"
    r"(?=[,;|()\n]|$)"
)


class Code(NamedTuple):
    """A part of the names: a regular expression with the part as its label, and the count of each value."""

    pattern: str
    values: Counter[str]
    letters: bool

    @property
    def examples(self) -> str:
        """The most frequent values, formatted for a message."""
        most = [printable(value) for value, _ in self.values.most_common(4)]
        return ", ".join(most) + (", ..." if len(self.values) > 4 else "")


def codes_in(names: list[str]) -> list[Code]:
    """The parts of file names, without extensions, that may be a class: those of letters first."""
    stems = [os.path.splitext(name)[0] for name in names]
    shapes = Counter(_shape(stem) for stem in stems)
    if not shapes:
        return []
    marks, count = shapes.most_common(1)[0]
    if count < COVERED * len(stems) or not marks:
        return []
    rows = [re.split(r"[ ._-]+", stem) for stem in stems if _shape(stem) == marks]
    found = []
    for number, cells in enumerate(zip(*rows, strict=True)):
        for piece in (r"[A-Za-z]+", r"[A-Za-z][A-Za-z0-9]*", r"\d+"):
            begins = [re.match(piece, cell) for cell in cells]
            whole = all(begins) and (piece != r"\d+" or all(re.fullmatch(piece, cell) for cell in cells))
            values = Counter(begin[0] for begin in begins if begin)
            if whole and _recurs(values, len(cells), piece == r"\d+"):
                found.append(Code(_pattern(marks, number, piece), values, piece != r"\d+"))
                break
    return sorted(found, key=lambda code: not code.letters)


def find_named(folder: Path, plan: Plan) -> Listing | None:
    """Images without class folders whose names contain their classes; None if they don't. Raises InputError if two
    parts of the names vary independently, such as subject and expression, and it is unclear which is the class."""
    if (found := find_coded(folder, plan)) is not None:
        return found
    for _, node in plan.flat:
        if _crossed(images_in(node, plan.endings)):
            raise InputError(
                f"{printable(str(folder))} holds images whose names have several parts that may be the class, such as "
                f"{printable(images_in(node, plan.endings)[0])}: {pattern_for(plan, letters=True)}"
            )
    return find_in_names(folder, plan)


def _crossed(names: list[str]) -> bool:
    """Whether two parts of letters occur in nearly all combinations: each is a separate factor, and both together
    aren't a class."""
    codes = [code for code in codes_in(names) if code.letters]
    for one, other in combinations(codes, 2):
        pairs = ((re.fullmatch(one.pattern, name), re.fullmatch(other.pattern, name)) for name in names)
        found = [(first["label"], second["label"]) for first, second in pairs if first and second]
        if len(set(found)) >= FACTORIAL * len(one.values) * len(other.values):
            return True
    return False


def find_coded(folder: Path, plan: Plan) -> Listing | None:
    """Images whose names contain a code for the class that a readme explains; None if none does, or if several parts
    are explained."""
    names = [name for _, node in plan.flat for name in images_in(node, plan.endings)]
    codes = codes_in(names)
    if not codes:
        return None
    texts = list(_read_mes([folder, *(Path(node.path) for _, node in plan.flat[:4])]))
    short = [code for code in codes if all(map(ABBREVIATED.fullmatch, code.values))]
    meant = [(code, meanings) for code in short for meanings in texts if code.values.keys() <= meanings.keys()]
    if len({code.pattern for code, _ in meant}) != 1:
        return None
    code, meanings = meant[0]
    pattern = re.compile(code.pattern)

    def rows() -> Iterator[Entry]:
        for split, node in plan.flat:
            for name in sorted(os.listdir(node.path)):
                if name.lower().endswith(plan.endings):
                    found = pattern.fullmatch(name)
                    label = found["label"] if found and found["label"] in meanings else ""
                    yield listed_at(node.path, name, split, label)

    pairs = ", ".join(f"{printable(key)} = {printable(meanings[key])}" for key in list(code.values)[:3])
    said = f"Classes were read from codes in the file names, which the read-me explains: {pairs}, ..."
    step = f"Where another part is the class, give --label-pattern, such as '{code.pattern}' with the part you mean."
    return Listing(str(folder), rows, notes=(Reading("label-in-name", said, step, differs=True),), ordered=False)


def pattern_for(plan: Plan, letters: bool = False) -> str:
    """Advice if a part of the names is the class: patterns that match all of them; empty if there are no candidates."""
    names = [name for _, node in plan.flat for name in images_in(node, plan.endings)]
    codes = [code for code in codes_in(names) if code.letters or not letters][:SHOWN]
    options = " or ".join(f"--label-pattern '{code.pattern}' for {code.examples}" for code in codes)
    return f"where a part of their names is the class, give {options}." if options else ""


def listed_at(place: str, name: str, split: str, label: str) -> Entry:
    """An image by its name; without a label it isn't used for training."""
    entry = listed(os.path.join(place, "x"), name, split, label or "(no label)")
    return entry if label else entry._replace(is_image=False)


def _shape(stem: str) -> str:
    """The separators between a name's fields."""
    return "\0".join(re.findall(r"[ ._-]+", stem))


def _recurs(values: Counter[str], total: int, numbers: bool) -> bool:
    if not 2 <= len(values) <= total / LEAST or (numbers and len(values) > MOST_VALUES):
        return False
    once = sum(count == 1 for count in values.values())
    return once <= ONCE * len(values) and not all(NO_CLASSES.fullmatch(value) for value in values)


def _pattern(marks: str, number: int, piece: str) -> str:
    """A regular expression for a whole file name in which this field is the label."""
    between = marks.split("\0")
    text = "".join(f"[^ ._-]+{re.escape(mark)}" for mark in between[:number]).replace("\\-", "-").replace("\\ ", " ")
    return f"{text}(?P<label>{piece}).*"


def _read_mes(folders: list[Path]) -> Iterator[dict[str, str]]:
    """The explanations in texts beside the images, per block of lines, then per file: {code: meaning}."""
    for place in dict.fromkeys(folders):
        for file in sorted(place.iterdir()):
            if file.suffix.lower() not in READ_ME or not file.is_file() or file.stat().st_size > LONGEST:
                continue
            meanings: dict[str, str] = {}
            for block in re.split(r"\n[ \t]*\n", file.read_text("utf-8", "replace").replace("\r", "")):
                own = {key: value.strip(" .*_`'\"|") for key, value in EXPLAINED.findall(block)}
                meanings |= own
                yield own
            yield meanings
