"""A record per image, XML or JSON with the image's name, beside it or in a separate tree, that names its class.

Plant surveys, museums and labelling projects write such records, including LabelMe and Supervisely. The field with the
class is recognised by its name, and because its values repeat: a true flag is a value, and a tag of Supervisely is a
field of that name.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from diagnose.dataset.sources.columns import plain
from diagnose.dataset.sources.entities import declares_entities
from diagnose.dataset.sources.groundtruth import SEVERAL
from diagnose.dataset.sources.manifest import Manifest, manifest_of
from diagnose.dataset.sources.sheet import made
from diagnose.dataset.sources.source import IMAGE_ENDINGS, loose_split
from diagnose.model import WHOLE, InputError, Reading, printable

FIELDS = (  # that name a class, the likeliest first
    "label", "classname", "class", "category", "categoryname", "species", "disease", "defect", "diagnosis", "breed",
    "cultivar", "variety", "target", "tag", "flags", "classtitle", "classification", "classid", "categoryid", "labelid",
)  # fmt: skip
TAG = "tag "  # prefix of the field of a tag with a value
LARGEST = 1 << 20  # bytes of a record
MOST = 200_000  # files that are checked
FEWEST, COVERED = 4, 0.5  # records, and the share of the images that have one


def find_described(folder: Path) -> Manifest | None:
    """The images whose classes are in records; None if there are no records, or no field names a class."""
    images: dict[str, list[str]] = {}
    records: list[str] = []
    for number, path in enumerate(_files(folder)):
        if number >= MOST:
            return None
        lower = path.lower()
        if lower.endswith((".xml", ".json")):
            records.append(path)
        elif lower.endswith(IMAGE_ENDINGS):
            for name in (os.path.basename(path), os.path.splitext(os.path.basename(path))[0]):
                images.setdefault(name, []).append(path)
    paired = [(path, image) for path in records if (image := _image_of(path, images)) is not None]
    count = sum(len(paths) for name, paths in images.items() if name.lower().endswith(IMAGE_ENDINGS))
    if len(paired) < FEWEST or len(paired) < COVERED * count:
        return None
    described = [(image, _fields(record)) for record, image in paired]
    field = _field([fields for _, fields in described])
    if field is None:
        return None
    rows = [[os.path.relpath(image, folder), SEVERAL.join(dict.fromkeys(fields[field])), _split(image, folder)]
            for image, fields in described if fields.get(field)]  # fmt: skip
    try:
        found = manifest_of(made(folder / "records.csv", ["path", "label", "split"], rows), folder)
    except InputError:
        return None
    notes = [Reading("label-beside", f"Classes were read from the field {printable(field)} of a record for each image.",
                     differs=True)]  # fmt: skip
    left = count - len(rows)
    if left:
        notes.append(Reading("unlabelled", f"{left} images have no class in their records; they were left out."))
    return replace(found, notes=tuple(notes))


def _image_of(record: str, images: dict[str, list[str]]) -> str | None:
    """The image that a record belongs to: 1.json or 1.jpg.json for 1.jpg, the one in the nearest folder."""
    found = images.get(os.path.splitext(os.path.basename(record))[0], ())
    return max(found, key=lambda path: len(os.path.commonpath((path, record))), default=None)


def _files(folder: Path) -> Iterator[str]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in sorted(names):
            yield os.path.join(place, name)


def _fields(path: str) -> dict[str, list[str]]:
    """The values of a record's fields by their plain names; empty for a record that can't be read."""
    if os.path.getsize(path) > LARGEST:
        return {}
    data = Path(path).read_bytes()
    found: dict[str, list[str]] = {}
    if path.lower().endswith(".json"):
        try:
            _collect(json.loads(data), found)
        except (ValueError, RecursionError):
            return {}
        return found
    if declares_entities(data):
        return {}
    try:
        tree = ElementTree.fromstring(data)
    except ElementTree.ParseError:
        return {}
    for one in tree.iter():
        if one.text and one.text.strip() and not len(one):
            found.setdefault(plain(one.tag), []).append(one.text.strip())
    return found


def _collect(value: Any, found: dict[str, list[str]], name: str = "") -> None:
    if isinstance(value, dict):
        if {"name", "value"} <= value.keys() and isinstance(value["name"], str):  # a tag of Supervisely
            content = value["value"]
            found.setdefault("tag" if content is None else f"{TAG}{value['name']}", []).append(
                str(content or value["name"])
            )
            return
        true = [str(key) for key, inner in value.items() if inner is True]
        if name and true and all(isinstance(inner, bool) for inner in value.values()):  # flags of LabelMe
            found.setdefault(name, []).extend(true)
        for key, inner in value.items():
            _collect(inner, found, plain(str(key)))
    elif isinstance(value, list):
        for inner in value:
            _collect(inner, found, name)
    elif name and isinstance(value, str | int) and not isinstance(value, bool):
        found.setdefault(name, []).append(str(value))


def _field(records: list[dict[str, list[str]]]) -> str | None:
    """The field that names a class: in most records, and with repeating values."""
    tags = Counter(field for one in records for field in one if field.startswith(TAG))
    named = sorted(tags, key=lambda field: (plain(field) not in FIELDS, -tags[field], field))
    for field in (*named, *FIELDS):
        values = Counter(SEVERAL.join(one[field]) for one in records if one.get(field))
        if 2 <= len(values) <= 0.5 * sum(values.values()) and sum(values.values()) >= COVERED * len(records):
            return field
    return None


def _split(image: str, folder: Path) -> str:
    parts = Path(os.path.relpath(image, folder)).parts[:-1]
    return next((split for part in parts if (split := loose_split(part)) is not None), WHOLE)
