"""Lines of JSON as labelling services write them: Amazon's manifests and Google's import files, as path, label
and split.

Amazon's give an image as source-ref, and beside each attribute its metadata with the class's name; Google's give an
address in a bucket and an annotation with a display name.
"""

from __future__ import annotations

from typing import Any

REFERENCES = ("source-ref", "source_ref", "imageGcsUri", "imageBytesGcsUri")
METADATA = "-metadata"
SEVERAL = "|"
USE = ("aiplatform.googleapis.com/ml_use", "ml_use")
SPLIT_USES = {"training": "train", "validation": "val", "test": "test"}


def plain_line(told: dict[str, Any]) -> dict[str, Any]:
    """The line itself, or where it is one of such a service: its path, label and split under these names."""
    path = next((told[name] for name in REFERENCES if isinstance(told.get(name), str)), None)
    if path is None:
        return told
    line = {"path": path, "label": _amazons(told) or _googles(told)}
    labels = told.get("dataItemResourceLabels")
    use = next((labels[name] for name in USE if name in labels), "") if isinstance(labels, dict) else ""
    return {**line, "split": SPLIT_USES.get(str(use).lower(), use)} if use else line


def _amazons(told: dict[str, Any]) -> str:
    """The class's name of the first attribute with metadata; the names of its boxes' classes, or its value."""
    for name, about in told.items():
        if not name.endswith(METADATA) or not isinstance(about, dict):
            continue
        value = told.get(name.removesuffix(METADATA))
        if about.get("class-name"):
            return str(about["class-name"])
        names = about.get("class-map")
        if isinstance(names, dict):
            boxes = value.get("annotations") if isinstance(value, dict) else value
            numbers = [one.get("class_id") if isinstance(one, dict) else one for one in boxes or ()]
            return SEVERAL.join(dict.fromkeys(str(names.get(str(one), one)) for one in numbers))
        if isinstance(value, str | int):
            return str(value)
    plain = [value for name, value in told.items() if name not in REFERENCES and isinstance(value, str | int)]
    return str(plain[0]) if len(plain) == 1 else ""


def _googles(told: dict[str, Any]) -> str:
    held = [told[name] for name in told if "lassificationAnnotation" in name or "oundingBoxAnnotations" in name]
    several = [one for value in held for one in (value if isinstance(value, list) else [value])]
    return SEVERAL.join(dict.fromkeys(str(one["displayName"]) for one in several if "displayName" in one))
