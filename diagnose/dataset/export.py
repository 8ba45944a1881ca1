"""Export the items of the user's own Dataset as image folders: `diagnose.dataset.export NAME OUT FOLDER`.

It runs the user's code, so it runs as a separate process. NAME is package.module:factory, searched in FOLDER first; the
factory returns a map-style Dataset of (image, label), or a dict of them by split. On stdout: one JSON object,
{"images": n} or {"why": sentence}.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from diagnose.children import join
from diagnose.dataset.sources.source import exact_split
from diagnose.model import WHOLE

MOST = 20_000  # images of a split, drawn evenly
IMAGE_KEYS = ("image", "img", "pixel_values", "images")
LABEL_KEYS = ("label", "labels", "fine_label", "target", "class")
PLAIN_FOLDER = str.maketrans({"/": "_", "\\": "_", "\0": "_"})


class NoPictures(Exception):
    """The items aren't images that a scan can measure."""


def export(made: Any, out: Path) -> int:
    """Write the items of every split as out/split/class/number.png; return how many."""
    splits = made if isinstance(made, Mapping) else {WHOLE: made}
    count = 0
    for split, dataset in splits.items():
        names = _class_names(dataset)
        total = len(dataset)
        for number in range(0, total, max(1, -(-total // MOST))):
            item = _pair(dataset[number])
            if not isinstance(item, tuple | list) or len(item) < 2:
                raise NoPictures(f"item {number} is a {type(item).__name__}, not (image, label)")
            image, label = item[0], int(item[1]) if _is_number(item[1]) else item[1]
            name = names[label] if isinstance(label, int) and 0 <= label < len(names) else str(label)
            folder = out / (exact_split(str(split)) or str(split)) / (name.translate(PLAIN_FOLDER) or "_")
            if split == WHOLE:
                folder = out / folder.name
            folder.mkdir(parents=True, exist_ok=True)
            _image(image, number).save(folder / f"{number:07}.png", compress_level=1)
            count += 1
    return count


def _pair(item: Any) -> Any:
    """Image and label of a Hugging Face item, which is a mapping; any other item as it is."""
    if not isinstance(item, Mapping):
        return item
    keys = [next((name for name in names if name in item), None) for names in (IMAGE_KEYS, LABEL_KEYS)]
    if None in keys:
        raise NoPictures(f"an item holds {', '.join(map(str, item))}, not image and label")
    return tuple(item[key] for key in keys)


def _is_number(value: Any) -> bool:
    return hasattr(value, "__int__") and not isinstance(value, str | float)


def _class_names(dataset: Any) -> list[str]:
    """torchvision's `classes`, also of the dataset that a Subset wraps."""
    features = getattr(dataset, "features", None)
    if isinstance(features, Mapping):
        named = next((features[name] for name in LABEL_KEYS if name in features), None)
        return [str(name) for name in getattr(named, "names", None) or []]
    while not hasattr(dataset, "classes") and hasattr(dataset, "dataset"):
        dataset = dataset.dataset
    return [str(name) for name in getattr(dataset, "classes", [])]


def _image(value: Any, number: int) -> Image.Image:
    """A picture from a PIL image, an array (height, width[, channels]) or a tensor ([channels,] height, width); floats
    are taken to be in 0..1."""
    if isinstance(value, Image.Image):
        return value
    pixels = np.asarray(value)
    if pixels.ndim == 3 and pixels.shape[0] in (1, 3, 4) and pixels.shape[2] not in (1, 3, 4):
        pixels = pixels.transpose(1, 2, 0)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if pixels.ndim not in (2, 3):
        raise NoPictures(f"item {number} has the shape {pixels.shape}, which isn't an image's")
    if pixels.dtype.kind == "f":
        if pixels.min() < -0.001 or pixels.max() > 1.001:
            span = f"{pixels.min():.3g}..{pixels.max():.3g}"
            raise NoPictures(f"item {number} holds {span}, not 0..1: leave the normalisation out of the factory")
        pixels = np.round(pixels * 255)
    return Image.fromarray(pixels.astype(np.uint8))


def main(name: str, out: str, folder: str) -> None:
    """Run the factory `name`, write its images below `out`, and print the answer as JSON on the last line of stdout."""
    join([folder])
    module, _, factory = name.partition(":")
    try:
        made = getattr(import_module(module), factory)()
        answer: dict[str, Any] = {"images": export(made, Path(out))}
    except NoPictures as fault:
        answer = {"why": str(fault)}
    except Exception as fault:  # the user's code may raise anything
        answer = {"why": f"{type(fault).__name__}: {fault}"}
    sys.stdout.write("\n" + json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
