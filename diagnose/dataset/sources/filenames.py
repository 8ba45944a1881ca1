"""Images whose class is in the file name: cat.0.jpg, Abyssinian_12.jpg, or wherever --label-pattern says."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from diagnose.dataset.sources.folder import walk
from diagnose.dataset.sources.plan import Plan
from diagnose.dataset.sources.source import Entry, Listing, named_split
from diagnose.dataset.sources.tree import Disk, endings_of, images_in
from diagnose.model import WHOLE, InputError, Reading, listed, printable

LEAST = 3.0  # images per class
COVERED = 0.95  # share of the names that contain a class
MOST_CLASSES = 2_000
# Names that cameras, tools and people give to images in sequence.
NO_CLASSES = re.compile(
    r"(img|image|images|im|dsc|dscn|dscf|dcim|photo|picture|pic|frame|scan|screenshot|file|pxl|p|mvimg|test|train|val|valid"
    r"|sample|ilsvrc\w*|coco\w*|untitled|download|new|copy|tile|patch|crop|video|vid|cam\w*|snap|export|page|slide|raw)"
    r"([ ._-]*(train|val|test))?", re.I)  # fmt: skip
NUMBERED = re.compile(r"(?P<label>.*?[A-Za-z].*?)[ ._-]*\(?\d+\)?(?:[ ._-]+\d+)*$")
LABEL_LAST = re.compile(r"(?:.*\d)?\d[ ._-]+(?P<label>[A-Za-z][A-Za-z _-]*)$")
BEFORE_MARK = re.compile(r"(?P<label>[A-Za-z][A-Za-z ]*?)(?:__|[._-])[0-9a-fA-F-]{4,}$")
GUESSES = (NUMBERED, LABEL_LAST, BEFORE_MARK)


def find_in_names(folder: Path, plan: Plan) -> Listing | None:
    """Images without class folders whose names alone contain their classes; None if they don't."""
    named: list[tuple[str, str, re.Pattern[str]]] = []
    left: list[str] = []
    held = [[os.path.splitext(name)[0] for name in images_in(node, plan.endings)] for _, node in plan.flat]
    pooled = next((guess for guess in GUESSES if _names_classes([*chain(*held)], guess)), None)
    for (split, node), names in zip(plan.flat, held, strict=True):
        own = next((guess for guess in GUESSES if _names_classes(names, guess)), None)
        pattern = own or (pooled if pooled and all(map(pooled.fullmatch, names)) else None)
        if pattern is not None:
            named.append((split, node.path, pattern))
        else:
            left.append(node.path)
    if not named:
        return None

    def rows() -> Iterator[Entry]:
        for split, path, pattern in named:
            for entry in walk(path, split, "", plan.endings):
                found = pattern.fullmatch(os.path.splitext(os.path.basename(entry.path))[0])
                if found is None:
                    yield entry._replace(label="(no label)", is_image=False)
                else:
                    yield entry._replace(label=found["label"].strip(" ._-"))

    example = images_in(Disk(named[0][1]), plan.endings)[0]
    label = named[0][2].fullmatch(os.path.splitext(example)[0])
    notes = [
        Reading(
            "label-in-name",
            f"Classes were read from file names: {printable(example)} is {printable(label['label'] if label else '')}.",
            "Where another part of the name is the class, give --label-pattern, such as '*_{label}.jpg'.",
            differs=True,
        )
    ]
    if left:
        where = listed([printable(os.path.relpath(path, folder)) + "/" for path in left[:4]])
        notes.append(Reading("unlabelled", f"{where} holds images whose names show no class; they were left out."))
    return Listing(str(folder), rows, notes=tuple(notes), ordered=False)


def _names_classes(names: list[str], pattern: re.Pattern[str]) -> bool:
    """Whether nearly every name has one of two or more words that repeat."""
    found = Counter(match["label"].strip(" ._-") for name in names if (match := pattern.fullmatch(name)))
    total = sum(found.values())
    if not 2 <= len(found) <= MOST_CLASSES or total < COVERED * len(names) or total < LEAST * len(found):
        return False
    once = sum(count == 1 for count in found.values())
    return once <= 0.1 * len(found) and not any(NO_CLASSES.fullmatch(label) for label in found)


# ------------------------------------------------------------------ --label-pattern


def find_pattern(folder: Path, pattern: str) -> Listing:
    """The images below a folder, with classes from their paths: {label} and {split} match a part of a name, * any part
    of a name, ** any folders; or a regular expression with (?P<label>...). Without a / it is matched against the file's
    name. Raises InputError for an invalid pattern or one that matches no image."""
    compiled = compiled_pattern(pattern)
    whole = "/" in pattern
    endings = endings_of(Disk(str(folder)))
    root = str(folder)

    def rows() -> Iterator[Entry]:
        for entry in walk(root, WHOLE, "", endings):
            inner = entry.path[len(root) :].lstrip("/")
            found = compiled.fullmatch(inner if whole else os.path.basename(inner))
            if found is None or not found["label"]:
                yield entry._replace(label="(no label)", is_image=False)
                continue
            split = found.groupdict().get("split")
            yield entry._replace(label=found["label"], split=named_split(split) if split else WHOLE)

    fitting, missed = 0, ""
    for number, entry in enumerate(rows()):
        fitting += entry.is_image
        missed = missed or ("" if entry.is_image else entry.path[len(root) :].lstrip("/"))
        if fitting and number > 1_000:
            break
    if not fitting:
        raise InputError(
            f"--label-pattern {printable(pattern)} fits no image below {printable(root)}, such as {printable(missed)}: "
            "write {label} where the class stands, * for the rest of a name and ** for folders."
        )
    notes = [Reading("label-pattern", f"Classes were read by --label-pattern {printable(pattern)}.")]
    if missed:
        notes.append(
            Reading("unlabelled", f"Files that the pattern does not fit, such as {printable(missed)}, were left out.")
        )
    return Listing(root, rows, notes=tuple(notes), ordered=False)


def compiled_pattern(pattern: str) -> re.Pattern[str]:
    """The regular expression of a pattern. Raises InputError for one without a label."""
    if "(?P<" in pattern:
        text = pattern
    else:
        text = ""
        for piece in re.split(r"(\{\w+\}|\*\*/?|\*|\?)", pattern):
            if piece in ("{label}", "{split}"):
                text += f"(?P<{piece[1:-1]}>[^/]+?)"
            elif piece.startswith("**"):
                text += r"(?:.*/)?" if piece.endswith("/") else ".*"
            elif piece in ("*", "?"):
                text += "[^/]*" if piece == "*" else "[^/]"
            elif re.fullmatch(r"\{\w+\}", piece):
                text += "[^/]+?"
            else:
                text += re.escape(piece)
    try:
        compiled = re.compile(text)
    except re.error as fault:
        raise InputError(f"--label-pattern {printable(pattern)} isn't a regular expression: {fault}.") from None
    if "label" not in compiled.groupindex:
        raise InputError(
            f"--label-pattern {printable(pattern)} does not say where the class stands: write {{label}} there, such as "
            "'{label}.*.jpg'."
        )
    return compiled
