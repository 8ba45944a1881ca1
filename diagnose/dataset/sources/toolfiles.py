"""The JSON of annotation tools, recognised by its keys, as rows of image and labels: COCO, Label Studio, VIA, VoTT,
Datumaro (CVAT), FiftyOne, Labelbox.

Labels of boxes and masks count for their image, like those of the whole image; if a tool has labels of the whole image,
they take precedence over those of its parts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from diagnose.dataset.sources.groundtruth import SEVERAL

Row = list[str]


def tool_rows(content: Any) -> tuple[list[Row], bool] | None:
    """(rows of image and labels, whether they come from boxes) of a tool's export; None for other JSON."""
    if isinstance(content, list):
        return _labelbox(content) if content and isinstance(content[0], dict) and "data_row" in content[0] else None
    if not isinstance(content, dict):
        return None
    if {"images", "annotations"} <= content.keys():
        boxes = any(
            "bbox" in one or "segmentation" in one for one in content["annotations"][:20] if isinstance(one, dict)
        )
        return list(_coco(content)), boxes
    if isinstance(content.get("_via_img_metadata"), dict):
        return _via(content["_via_img_metadata"].values())
    if content and all(isinstance(one, dict) and {"filename", "regions"} <= one.keys() for one in content.values()):
        return _via(content.values())
    if isinstance(content.get("assets"), dict):
        return list(_vott(content["assets"].values())), True
    if isinstance(content.get("items"), list) and "categories" in content:
        return _datumaro(content)
    if isinstance(content.get("labels"), dict) and isinstance(content.get("classes"), list):
        return list(_fiftyone(content)), False
    return None


def label_studio(task: dict[str, Any]) -> Row | None:
    """The image of a Label Studio task and its choices; None for a task without choices."""
    image = next((value for value in task["data"].values() if isinstance(value, str) and "." in value), None)
    labels: dict[str, None] = {}
    for annotation in task["annotations"]:
        if annotation.get("was_cancelled"):
            continue
        for result in annotation.get("result") or ():
            value = result.get("value") or {}
            for kind in ("choices", "rectanglelabels", "polygonlabels", "brushlabels", "labels"):
                labels.update(dict.fromkeys(map(str, value.get(kind) or ())))
    return None if image is None or not labels else [image, SEVERAL.join(labels)]


def _coco(content: dict[str, Any]) -> Iterator[Row]:
    names = {one["id"]: str(one.get("name", one["id"])) for one in content.get("categories") or () if "id" in one}
    held: dict[Any, dict[str, None]] = defaultdict(dict)
    for one in content["annotations"]:
        if isinstance(one, dict) and "image_id" in one:
            number = one.get("category_id", one.get("label"))
            held[one["image_id"]][names.get(number, str(number))] = None
    for image in content["images"]:
        if isinstance(image, dict) and held.get(image.get("id")):
            yield [str(image.get("file_name", image["id"])), SEVERAL.join(held[image["id"]])]


def _via(images: Iterable[dict[str, Any]]) -> tuple[list[Row], bool]:
    """VGG's annotator: the attributes of the file, or else those of its regions."""
    rows, boxes = [], False
    for one in images:
        own = _values([one.get("file_attributes")])
        regions = one.get("regions") or ()
        parts = regions.values() if isinstance(regions, dict) else regions
        inner = _values([part.get("region_attributes") for part in parts if isinstance(part, dict)])
        boxes = boxes or bool(inner and not own)
        if labels := own or inner:
            rows.append([str(one.get("filename", "")), SEVERAL.join(labels)])
    return rows, boxes


def _values(attributes: list[Any]) -> list[str]:
    """The values of attributes; for a checkbox, those that are ticked. Captions and links are skipped."""
    found: dict[str, None] = {}
    for one in attributes:
        for name, value in one.items() if isinstance(one, dict) else ():
            if isinstance(value, dict):
                found.update(dict.fromkeys(str(key) for key, ticked in value.items() if ticked))
            elif (
                isinstance(value, str | int) and str(value).strip() and name not in ("caption", "public_domain", "url")
            ):
                found[str(value)] = None
    return list(found)


def _vott(assets: Iterable[Any]) -> Iterator[Row]:
    for one in assets:
        asset = one.get("asset", one) if isinstance(one, dict) else {}
        tags = dict.fromkeys(str(tag) for region in one.get("regions") or () for tag in region.get("tags") or ())
        if tags and asset.get("name"):
            yield [str(asset["name"]), SEVERAL.join(tags)]


def _datumaro(content: dict[str, Any]) -> tuple[list[Row], bool]:
    named = content["categories"].get("label", {}) if isinstance(content["categories"], dict) else {}
    names = [str(one.get("name")) for one in named.get("labels") or ()]
    rows, boxes = [], False
    for item in content["items"]:
        image = item.get("image") or item.get("media") or {}
        marks = [one for one in item.get("annotations") or () if "label_id" in one]
        whole = [one for one in marks if one.get("type") == "label"]
        boxes = boxes or bool(marks and not whole)
        labels = dict.fromkeys(names[one["label_id"]] for one in whole or marks if one["label_id"] in range(len(names)))
        if labels:
            rows.append([str(image.get("path") or item.get("id")), SEVERAL.join(labels)])
    return rows, boxes


def _fiftyone(content: dict[str, Any]) -> Iterator[Row]:
    names = [str(name) for name in content["classes"]]
    for key, value in content["labels"].items():
        several = [names[one] if isinstance(one, int) and one in range(len(names)) else str(one)
                   for one in (value if isinstance(value, list) else [value]) if one is not None]  # fmt: skip
        if several:
            yield [str(key), SEVERAL.join(several)]


def _labelbox(records: list[Any]) -> tuple[list[Row], bool]:
    rows, boxes = [], False
    for one in records:
        data = one.get("data_row", {}) if isinstance(one, dict) else {}
        path = data.get("external_id") or data.get("global_key") or data.get("row_data")
        labels: dict[str, None] = {}
        parts: dict[str, None] = {}
        for project in (one.get("projects") or {}).values():
            for label in project.get("labels") or ():
                held = label.get("annotations") or {}
                parts.update(dict.fromkeys(str(part.get("name")) for part in held.get("objects") or ()))
                for answer in held.get("classifications") or ():
                    chosen = [answer.get("radio_answer"), *(answer.get("checklist_answers") or ())]
                    labels.update(dict.fromkeys(str(own["name"]) for own in chosen if own and "name" in own))
        boxes = boxes or bool(parts and not labels)
        if path and (labels or parts):
            rows.append([str(path), SEVERAL.join(labels or parts)])
    return rows, boxes
