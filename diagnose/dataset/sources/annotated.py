"""Files of annotation tools: JSON of many kinds (toolfiles.py), CVAT, Pascal VOC, YOLO. Each becomes rows of image and
label."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from diagnose.dataset.sources.beside import places
from diagnose.dataset.sources.entities import declares_entities
from diagnose.dataset.sources.groundtruth import SEVERAL
from diagnose.dataset.sources.manifest import Manifest, manifest_of
from diagnose.dataset.sources.sheet import Sheet, as_text, made
from diagnose.dataset.sources.source import IMAGE_ENDINGS, Joined, Source, loose_split
from diagnose.dataset.sources.toolfiles import label_studio, tool_rows
from diagnose.model import WHOLE, InputError, Reading, printable

YAML_ENDINGS = (".yaml", ".yml")
ENDINGS = (".json", ".xml", *YAML_ENDINGS)
MOST_INNER = 50  # values of an object that are searched for rows
LARGEST = 120 << 20  # bytes of a JSON file, which is held in memory several times over
LABELS = ("label", "class", "class_name", "category", "category_name", "target", "labels", "tags")
PATHS = ("file_name", "filename", "path", "image", "file", "img", "image_path", "filepath", "image_id", "id", "name")


def find_annotated(path: Path, root: Path | None = None, split: str = WHOLE) -> Manifest | None:
    """The images that a .json or .xml file names; None for other files. Raises InputError if it names none."""
    ending = path.suffix.lower()
    if ending not in ENDINGS or not path.is_file():
        return None
    if path.stat().st_size > LARGEST:
        raise InputError(
            f"{printable(str(path))} has {path.stat().st_size / 1e6:.0f} MB: write its images and classes as a "
            "CSV of path "
            "and label, and give that."
        )
    if (sheet := _table(path)) is not None:
        return manifest_of(sheet, root, split)
    rows, notes = _cvat(path) if ending == ".xml" else _yaml(path) if ending in YAML_ENDINGS else _json(path)
    if not rows:
        raise InputError(
            f"{printable(str(path))} names no images with classes: expected COCO's images, annotations and "
            "categories, a list "
            'of objects such as {"file_name": "1.jpg", "label": "cat"}, or an export of Label Studio or CVAT.'
        )
    columns = ["path", "label", "split"] if len(rows[0]) > 2 else ["path", "label"]
    found = manifest_of(made(path, columns, rows), root, split)
    several = any(SEVERAL in row[1] for row in rows)
    return _noted(found, (*notes, *_several_note(path, several)))


def find_annotations(folder: Path) -> Source | None:
    """The annotations in a folder or in its annotations/: one file, or one per split; None if there is none."""
    files: list[Path] = []
    for place in places(folder):
        if place.is_dir():
            files += sorted(one for one in place.iterdir() if one.suffix.lower() in ENDINGS and one.is_file())
        for inner in sorted(place.iterdir()) if place == folder else ():
            if inner.is_dir() and loose_split(inner.name):
                files += sorted(one for one in inner.glob("*.json") if _is_whole(one))
    found: dict[str, Manifest] = {}
    for file in files[:40]:
        split = loose_split(file.stem) or (loose_split(file.parent.name) if file.parent != folder else None) or WHOLE
        try:
            one = find_annotated(file, folder, split)
        except InputError:
            continue
        if one is None or not one.columns.present:
            continue
        if split not in found or file.stem.startswith("instances") or _extends(found[split], one):
            found[split] = one
    parts = tuple(found[split] for split in found if split != WHOLE or len(found) == 1)
    if not parts:
        return find_voc(folder) or find_yolo(folder)
    notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
    return parts[0] if len(parts) == 1 else Joined(str(folder), parts, notes, ordered=True)


def _extends(before: Manifest, one: Manifest) -> bool:
    """Whether a file is a later export of the same project: it names all images of the earlier one, and more."""
    names, more = ({row[part.columns.path] for row in part.sheet.rows()} for part in (before, one))
    return names < more


def _is_whole(file: Path) -> bool:
    """Whether a JSON file annotates a dataset, as opposed to one image: it has COCO's keys."""
    with file.open("rb") as stream:
        head = stream.read(1 << 20)
    return all(b'"%s"' % key in head or file.stat().st_size > len(head) for key in (b"images", b"annotations"))


def find_voc(folder: Path) -> Manifest | None:
    """Pascal VOC's objects: an .xml per image, in Annotations/ or beside the images; None if there are none."""
    files = sorted(file for file in folder.rglob("*.xml") if file.is_file())
    rows: list[list[str]] = []
    for file in files:
        head = file.read_bytes()
        if b"<annotation" not in head[:400] or declares_entities(head):
            return None
        try:
            tree = ElementTree.fromstring(head)
        except ElementTree.ParseError:
            continue
        labels = dict.fromkeys(one.findtext("name", "").strip() for one in tree.findall("object"))
        name = tree.findtext("filename", "").strip() or f"{file.stem}.jpg"
        part = next((s for p in file.relative_to(folder).parts[:-1] if (s := loose_split(p))), WHOLE)
        rows.append([name, SEVERAL.join(labels) or "(no label)", part])
    if not rows:
        return None
    found = manifest_of(made(folder / "annotations.csv", ["path", "label", "split"], rows), folder)
    said = "The objects of Pascal VOC's annotations were read as the labels of their images."
    several = any(SEVERAL in row[1] for row in rows)
    return _noted(found, (Reading("boxes", said), *_several_note(folder / "Annotations", several)))


def find_yolo(folder: Path) -> Manifest | None:
    """YOLO's boxes: images/train/1.jpg and labels/train/1.txt, whose lines begin with a class number; or 1.txt beside
    1.jpg."""
    texts = [
        text for top in (folder / "labels", *sorted(folder.glob("*/labels")))
        if top.is_dir() for text in sorted(top.rglob("*.txt")) if text.is_file()
    ]  # fmt: skip
    if not texts or not _is_yolo(texts[0]):
        return None
    names = _yolo_names(folder)
    rows: list[list[str]] = []
    for text in texts:
        image = _yolo_image(text)
        if image is None:
            continue
        held = {line.split()[0] for line in text.read_text("utf-8", "replace").splitlines() if line.strip()}
        labels = sorted(names[int(one)] if one.isdigit() and int(one) < len(names) else one for one in held)
        part = next((s for p in image.relative_to(folder).parts[:-1] if (s := loose_split(p))), WHOLE)
        rows.append([os.path.relpath(image, folder), SEVERAL.join(labels) or "(no label)", part])
    if not rows:
        return None
    found = manifest_of(made(folder / "labels.csv", ["path", "label", "split"], rows), folder)
    said = "The boxes of YOLO's label files were read as the labels of their images."
    several = any(SEVERAL in row[1] for row in rows)
    return _noted(found, (Reading("boxes", said), *_several_note(folder / "labels", several)))


def _noted(found: Manifest, notes: tuple[Reading, ...]) -> Manifest:
    kept = tuple(note for note in found.notes if note.kind != "several-labels")
    return replace(found, notes=(*kept, *notes))


def _several_note(file: Path, several: bool) -> tuple[Reading, ...]:
    if not several:
        return ()
    return (Reading("several-labels", f"Images of {printable(file.name)} have several labels each."),)


# ------------------------------------------------------------------ JSON


def _json(file: Path) -> tuple[list[list[str]], tuple[Reading, ...]]:
    content = _loaded(file)
    try:
        found = tool_rows(content)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise InputError(f"{printable(str(file))} has the keys of an annotation tool, but not its values.") from None
    if found is not None:
        rows, boxes = found
        said = f"The boxes and masks of {printable(file.name)} were read as the labels of their images."
        return rows, (Reading("boxes", said),) if boxes else ()
    return _most_rows(content), ()


def _loaded(file: Path) -> Any:
    try:
        return json.loads(file.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as fault:
        raise InputError(f"{printable(str(file))} isn't JSON ({printable(str(fault))}).") from None


def _table(file: Path) -> Sheet | None:
    """A list of uniform objects as a table, if none of their keys means label: Label Studio names it after a choice."""
    records = _loaded(file) if file.suffix.lower() == ".json" else None
    if not isinstance(records, list) or len(records) < 2 or not all(isinstance(one, dict) for one in records):
        return None
    if any(isinstance(value, list | dict) for value in records[0].values()) or any(
        _row(one) is not None for one in records
    ):
        return None
    names = list(dict.fromkeys(key for one in records for key in one))
    return made(file, names, [[as_text(one.get(name)) for name in names] for one in records])


def _yaml(file: Path) -> tuple[list[list[str]], tuple[Reading, ...]]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return _most_rows(YAML(typ="safe").load(file.read_text("utf-8-sig"))), ()
    except (YAMLError, UnicodeDecodeError, RecursionError, ValueError):
        raise InputError(f"{printable(str(file))} isn't YAML of images and classes.") from None


def _most_rows(content: Any, deepest: int = 5) -> list[list[str]]:
    """The rows of `content`, or of a value inside it, that name the most images: exports nest their records."""
    rows = list(_rows(content))
    inner = (
        [value for value in content.values() if isinstance(value, dict)]
        if isinstance(content, dict) and deepest
        else []
    )
    found = [rows, *(_most_rows(value, deepest - 1) for value in inner[:MOST_INNER])]
    return max(found, key=lambda some: sum(row[0].lower().endswith(IMAGE_ENDINGS) for row in some))


def _rows(content: Any, split: str = "") -> Iterator[list[str]]:
    """Rows of image and label, and the split if the JSON has one, from objects, pairs and mappings."""
    tail = [split] if split else []
    if isinstance(content, list):
        for one in content:
            if isinstance(one, dict):
                if (row := _row(one)) is not None:
                    yield [*row, *tail]
            elif isinstance(one, list) and len(one) >= 2 and isinstance(one[0], str):
                yield [one[0], as_text(one[-1] if len(one) > 2 and isinstance(one[-1], str) else one[1]), *tail]
    elif isinstance(content, dict):
        splits = {key: loose_split(key) for key, value in content.items() if isinstance(value, list | dict)}
        if splits and any(splits.values()):
            for key, own in splits.items():
                if own:
                    yield from _rows(content[key], own)
        elif isinstance(content.get("labels"), list):
            yield from _rows(content["labels"])
        else:
            if content and all(map(_are_names, content.values())):
                yield from ([name, key, *tail] for key, names in content.items() for name in names)
                return
            lists = [
                value for value in content.values() if isinstance(value, list) and value and isinstance(value[0], dict)
            ]
            if lists:
                yield from _rows(max(lists, key=len))
                return
            for key, value in content.items():
                row = None
                if str(key).lower().endswith(IMAGE_ENDINGS) or isinstance(value, str | int):
                    row = _row({"path": key, **value}) if isinstance(value, dict) else [str(key), as_text(value)]
                elif isinstance(value, dict):  # a record by its id
                    row = _row(value)
                if row is not None:
                    yield [*row, *tail]


def _are_names(value: Any) -> bool:
    """Whether a value is a list of names, such as the images of a class."""
    return isinstance(value, list) and len(value) > 0 and all(isinstance(one, str) for one in value)


def _row(one: dict[str, Any]) -> list[str] | None:
    if isinstance(one.get("data"), dict) and isinstance(one.get("annotations"), list):
        return label_studio(one)
    lower = {str(key).lower(): value for key, value in one.items()}
    path = next((lower[name] for name in PATHS if isinstance(lower.get(name), str | int)), None)
    if not str(path).lower().endswith(IMAGE_ENDINGS):  # storagePath, photoUrl beside an id
        names = (value for value in lower.values() if isinstance(value, str) and value.lower().endswith(IMAGE_ENDINGS))
        path = next(names, path)
    label = next((lower[name] for name in LABELS if lower.get(name) is not None), None)
    if label is None and isinstance(lower.get("choice"), str | list | dict):
        label = lower["choice"]["choices"] if isinstance(lower["choice"], dict) else lower["choice"]
    return None if path is None or label is None else [str(path), as_text(label)]


# ------------------------------------------------------------------ XML and YOLO


def _cvat(file: Path) -> tuple[list[list[str]], tuple[Reading, ...]]:
    head = file.read_bytes()[:4_096]
    if declares_entities(head):
        raise InputError(f"{printable(str(file))} declares entities, which no annotation tool does: it was not read.")
    try:
        tree = ElementTree.parse(file)
    except ElementTree.ParseError as fault:
        raise InputError(f"{printable(str(file))} isn't XML ({fault}).") from None
    rows = []
    boxes = False
    for image in tree.iter("image"):
        tags = [one.get("label", "") for one in image.findall("tag")]
        shapes = [one.get("label", "") for one in image if one.tag != "tag" and one.get("label")]
        boxes = boxes or bool(shapes and not tags)
        labels = list(dict.fromkeys(tags or shapes))
        name = image.get("name") or image.get("file") or ""
        if labels and name:
            rows.append([name, SEVERAL.join(labels)])
    notes = (
        (Reading("boxes", "The shapes of CVAT's annotations were read as the labels of their images."),)
        if boxes
        else ()
    )
    return rows, notes


def _is_yolo(text: Path) -> bool:
    lines = text.read_text("utf-8", "replace").splitlines()[:5]
    return all(re.fullmatch(r"\d+( -?\d*\.?\d+(e-?\d+)?){4,}\s*", line) for line in lines if line.strip())


def _yolo_image(text: Path) -> Path | None:
    parts = list(text.parts)
    places = [number for number, part in enumerate(parts) if part == "labels"]
    if places:
        parts[places[-1]] = "images"
    folder = Path(*parts).parent
    return next((one for e in (*IMAGE_ENDINGS, ".JPG", ".PNG") if (one := folder / f"{text.stem}{e}").is_file()), None)


def _yolo_names(folder: Path) -> list[str]:
    """The classes of data.yaml or classes.txt."""
    for name in ("classes.txt", "obj.names", "labels/classes.txt"):
        if (folder / name).is_file():
            return (folder / name).read_text("utf-8").split("\n")
    for file in (*sorted(folder.glob("*.yaml")), *sorted(folder.glob("*.yml"))):
        from ruamel.yaml import YAML

        try:
            content = YAML(typ="safe").load(file.read_text("utf-8"))
        except Exception:  # validating it isn't our job
            continue
        names = content.get("names") if isinstance(content, dict) else None
        if isinstance(names, dict):
            return [str(names[key]) for key in sorted(names)]
        if isinstance(names, list):
            return [str(name) for name in names]
    return []
