"""The images of a torch DataLoader that trains a Keras model, which Keras 3 accepts as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.interpreter.values import Const, Thing, Value
from diagnose.training.keras.steps import PIXELS
from diagnose.training.labels import labels_of
from diagnose.training.pytorch.data import base_dataset, class_by_class, dataset_of, way_of_loader
from diagnose.training.pytorch.sessions import is_loader
from diagnose.training.pytorch.steps import Pipeline

if TYPE_CHECKING:
    from diagnose.training.keras.data import Images


def loader(images: Images, value: Value | None) -> bool:
    """Start at a torch DataLoader, with its dataset's transforms. Returns False for any other value."""
    if not isinstance(value, Thing) or not is_loader(value):
        return False
    dataset = base_dataset(dataset_of(value))
    way = images.way
    if isinstance(dataset, Thing) and dataset.short == "TensorDataset" and dataset.args:
        images.walk(dataset.args[0])
        way.label(labels_of(dataset.args[1] if len(dataset.args) > 1 else None))
    else:
        _transformed(images, value)
        if isinstance(dataset, Thing) and dataset.name.startswith("torchvision.datasets."):
            if "target_transform" not in dataset.kwargs:
                way.labels = ("int", dataset.at)
            way.by_class = bool(class_by_class(images.reader, dataset))
    way.source, way.array = value, False
    way.batch = value.arg(1, "batch_size") or Const(value.at, 1)
    way.doubts.pop("order", None)
    if value.arg(3, "sampler") is not None or value.arg(4, "batch_sampler") is not None:
        way.doubt("a sampler decides on its order", "order")
    way.shuffle = None
    way.shuffle_given = value.arg(2, "shuffle") or Const(value.at, False)
    return True


def _transformed(images: Images, value: Thing) -> None:
    """Apply the transforms of a loader's dataset."""
    found = way_of_loader(images.reader, value)
    if found is None:
        images.way.doubt(
            f"how the dataset of the loader at line {value.at.line} prepares its images is not known", *PIXELS
        )
        return
    _take(images, found)


def _take(images: Images, found: Pipeline) -> None:
    way = images.way
    way.steps += found.steps
    way.scaling += found.scaling
    way.random += found.random
    way.floating = bool(found.scaling) or None
    for mine, theirs in (("mean", found.mean), ("std", found.std)):
        if theirs is not None and theirs[0] is None:
            way.doubt("its statistics are computed at run time", "values")
        elif theirs is not None:
            setattr(way, mine, theirs)
    way.size = found.size or way.size
    if way.size is None:
        way.doubt("its transforms bring images to no size that is known", "size")
    for why, topics in ((found.unsure, PIXELS), (found.unsure_values, ("values",)), (found.unsure_random, ("random",))):
        if why:
            way.doubt(why, *topics)
