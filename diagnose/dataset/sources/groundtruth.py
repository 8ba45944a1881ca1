"""JSON lines of labelling services: Amazon's manifests and Google's import files, as path, label and split.

Amazon's have the image as source-ref, and for each attribute its metadata with the class name; Google's have a bucket
address and an annotation with a display name.
"""

from __future__ import annotations

from typing import Any

REFERENCES = ("source-ref", "source_ref", "imageGcsUri", "imageBytesGcsUri")
METADATA = "-metadata"
SEVERAL = "|"
USE = ("aiplatform.googleapis.com/ml_use", "ml_use")
SPLIT_USES = {"training": "train", "validation": "val", "test": "test"}


def plain_line(record: dict[str, Any]) -> dict[str, Any]:
    """The line itself, or for a line of such a service: its path, label and split under these names."""
    path = next((record[name] for name in REFERENCES if isinstance(record.get(name), str)), None)
    if path is None:
        return record
    line = {"path": path, "label": _amazons(record) or _googles(record)}
    labels = record.get("dataItemResourceLabels")
    use = next((labels[name] for name in USE if name in labels), "") if isinstance(labels, dict) else ""
    return {**line, "split": SPLIT_USES.get(str(use).lower(), use)} if use else line


def _amazons(record: dict[str, Any]) -> str:
    """The class name of the first attribute with metadata; the class names of its boxes, or its value."""
    for name, about in record.items():
        if not name.endswith(METADATA) or not isinstance(about, dict):
            continue
        value = record.get(name.removesuffix(METADATA))
        if about.get("class-name"):
            return str(about["class-name"])
        names = about.get("class-map")
        if isinstance(names, dict):
            boxes = value.get("annotations") if isinstance(value, dict) else value
            numbers = [one.get("class_id") if isinstance(one, dict) else one for one in boxes or ()]
            return SEVERAL.join(dict.fromkeys(str(names.get(str(one), one)) for one in numbers))
        if isinstance(value, str | int):
            return str(value)
    plain = [value for name, value in record.items() if name not in REFERENCES and isinstance(value, str | int)]
    return str(plain[0]) if len(plain) == 1 else ""


def _googles(record: dict[str, Any]) -> str:
    held = [record[name] for name in record if "lassificationAnnotation" in name or "oundingBoxAnnotations" in name]
    several = [one for value in held for one in (value if isinstance(value, list) else [value])]
    return SEVERAL.join(dict.fromkeys(str(one["displayName"]) for one in several if "displayName" in one))
