"""Images stored as arrays: tensors that hold a whole dataset, and doubts about their values."""

from __future__ import annotations

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Const, Event, Thing, Value
from diagnose.model import Location
from diagnose.training.pytorch.arithmetic import arithmetic_on, pixels
from diagnose.training.pytorch.sizes import set_size
from diagnose.training.pytorch.steps import Pipeline
from diagnose.training.pytorch.transforms import drawn_on, unread_on

PICTURES = ("open", "imread", "read_image", "default_loader", "pil_loader", "decode_image", "decode_jpeg", "imdecode")


def way_of_tensors(reader: Reader, dataset: Thing) -> Pipeline | None:
    """The steps of a TensorDataset's images, by the arithmetic on its first tensor; None where it has none."""
    images = dataset.arg(0)
    return way_of_arrays(images, dataset.at, list(reader.trace)) if images is not None else None


def way_of_arrays(images: Value, at: Location, made: list[Event]) -> Pipeline:
    """The steps of images stored as arrays, by the arithmetic on them. made: the events until then."""
    way = Pipeline(at=at)
    arithmetic_on(images, way, made)
    set_size(images, way)
    way.unsure, way.unsure_random = unread_on(images, made), drawn_on(images)
    doubt_the_source(images, way)
    return way


def doubt_the_source(images: Value | None, way: Pipeline) -> None:
    """Mark the values as unknown for images that were stored as arrays and not scaled since."""
    if way.scaling:
        return
    if not known_source(images):
        way.doubt("the range of the values that its arrays are kept with is not known")


def known_source(images: Value | None) -> bool:
    """Whether images were read from image files, or are the bytes of a torchvision dataset."""
    return any(one.short in PICTURES or (one.name == ".data" and _of_torchvision(one.base)) for one in pixels(images))


def _of_torchvision(value: Value | None) -> bool:
    return isinstance(value, Thing) and value.name.startswith("torchvision.datasets.")


def kept_as_arrays(images: Value | None) -> bool:
    """Whether images were read from array files."""
    return any(
        one.short in ("load", "memmap", "fromfile", "frombuffer", "loadmat", "File", "read_csv", "loadtxt")
        and not isinstance(one.base, Const)
        for one in pixels(images)
    )
