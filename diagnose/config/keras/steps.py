"""One step of the images' way in a Keras program, what the steps come to, and the fields that they fill."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from diagnose.catalogue import architectures
from diagnose.config.facts import TRAIN_FIELDS, VAL_FIELDS, Facts
from diagnose.model import IMAGENET_MEAN, IMAGENET_STD, SYMMETRIC_STEP, UNIT_STEP, Location, Step
from diagnose.program.values import Thing, Value, plain

CAFFE_MEAN = (103.939, 116.779, 123.68)  # blue, green, red


@dataclass
class Way:
    """How one split reaches the network."""

    at: Location
    steps: list[Step] = field(default_factory=list)
    scaling: list[tuple[str, Location]] = field(default_factory=list)
    random: list[tuple[str, Location]] = field(default_factory=list)
    mean: tuple[tuple[float, ...], Location] | None = None
    std: tuple[tuple[float, ...], Location] | None = None
    preprocessing: tuple[str, str, Location] | None = None  # family, mode, place
    size: tuple[int, Location] | None = None
    batch: Value | None = None
    batch_default: Location | None = None
    shuffle: tuple[bool, Location] | None = None
    shuffle_given: Value | None = None
    labels: tuple[str, Location] | None = None  # one_hot, int, binary
    generator: Thing | None = None
    source: Value | None = None
    unsure: str = ""

    def put(self, name: str, kind: str, at: Location) -> None:
        self.steps.append(Step(name, kind, at))

    @property
    def fed(self) -> str:
        """The form of the pixels: caffe, tf, torch, unit, raw; empty where it is not known."""
        if self.unsure:
            return ""
        if self.preprocessing is not None:
            return self.preprocessing[1]
        words = [step for step, _ in self.scaling]
        if self.mean is not None and self.mean[0]:
            return "torch" if words == [UNIT_STEP] else "caffe" if not words else ""
        return {(): "raw", (UNIT_STEP,): "unit", (SYMMETRIC_STEP,): "tf"}.get(tuple(words), "")


def factor(value: Value, way: Way, offset: float = 0.0) -> None:
    data = plain(value)
    if not isinstance(data, int | float) or isinstance(data, bool) or not data:
        way.unsure = way.unsure or "its rescaling is not known"
        return
    divided = 1 / data
    if 254 <= divided <= 256:
        way.scaling.append((UNIT_STEP, value.at))
        way.put("rescale", "scale", value.at)
    elif 127 <= divided <= 128:
        way.scaling.append((SYMMETRIC_STEP, value.at))
        way.put("rescale", "scale", value.at)
    elif abs(data - 1) > 1e-9:
        way.put("rescale", "scale", value.at)
        way.unsure = way.unsure or f"it rescales by {data:g}"


def preprocess(name: str, at: Location, way: Way) -> None:
    part = name.split(".")
    family = part[-2] if len(part) > 1 else ""
    mode = architectures.PREPROCESS.get(family)
    if mode is None:
        way.unsure = way.unsure or f"what {name} does is not known"
        return
    way.put("preprocess_input", "normalize" if mode != architectures.BUILT_IN else "other", at)
    if mode == architectures.BUILT_IN:
        return  # the identity: the network itself preprocesses
    way.preprocessing = (family, mode, at)
    if mode == "tf":
        way.scaling.append((SYMMETRIC_STEP, at))
    elif mode == "torch":
        way.scaling.append((UNIT_STEP, at))
        way.mean, way.std = (IMAGENET_MEAN, at), (IMAGENET_STD, at)
    else:
        way.mean, way.std = (CAFFE_MEAN, at), ((1.0, 1.0, 1.0), at)


def set_size(value: Value | None, way: Way) -> None:
    data = plain(value)
    data = data[0] if isinstance(data, list | tuple) and data else data
    if isinstance(data, int) and not isinstance(data, bool) and value is not None:
        way.size = (data, value.at)


def pixel_arithmetic(value: Thing, number: Any, way: Way, channels: tuple[float, ...] | None) -> None:
    """One arithmetic step on pixels."""
    if value.name in ("op/", "op*") and isinstance(number, int | float) and number:
        divided = number if value.name == "op/" else 1 / number
        if 254 <= divided <= 256:
            way.scaling.append((UNIT_STEP, value.at))
            way.put("divide_by_255", "scale", value.at)
        elif 127 <= divided <= 128:
            way.scaling.append((SYMMETRIC_STEP, value.at))
            way.put("scale_to_symmetric", "scale", value.at)
        return
    if value.name == "op-" and channels is not None and len(channels) == 3 and max(channels) > 0.01:
        if channels != (1.0,) * 3 and channels != (0.5,) * 3 and channels != (127.5,) * 3:
            way.mean = (channels, value.at)
            way.put("subtract_mean", "normalize", value.at)
    elif value.name == "op/" and channels is not None and len(channels) == 3:
        way.std = (channels, value.at)
    elif value.name in ("op-", "op/") and number is None:
        way.put("arithmetic", "other", value.at)
        if value.name == "op/" or way.mean is None:
            way.unsure = way.unsure or "its statistics are computed at run time"


def wanted(body: Thing) -> str | None:
    """The form of input that the weights of an architecture were trained with."""
    entry = architectures.find(body.short)
    return (entry.keras or None) if entry else None


def settle(way: Way, facts: Facts, val: bool = False) -> None:
    names = VAL_FIELDS if val else TRAIN_FIELDS
    if way.size:
        facts.know(names[1], *way.size)
    if way.unsure:
        for name in (names[0], *names[2:]):
            facts.unknown(name, way.unsure)
        return
    facts.know(names[0], tuple(name for name, _ in way.random), way.random[0][1] if way.random else way.at)
    facts.know(names[2], tuple(step for step, _ in way.scaling), way.scaling[-1][1] if way.scaling else way.at)
    place = way.scaling[-1][1] if way.scaling else way.at
    for name, told in ((names[3], way.mean), (names[4], way.std)):
        if told is not None:
            facts.know(name, *told)
        else:
            facts.know(name, (), place)
    if way.preprocessing is not None and not val:
        facts.know("preprocessing", f"keras.{way.preprocessing[0]}", way.preprocessing[2])


def describe_batches(way: Way, fit_batch: Value | None, fit_at: Location, facts: Facts) -> None:
    """batch_size and shuffle, of the loader or of fit itself."""
    if way.batch is not None:
        facts.take("batch_size", way.batch, int, default=32, at=way.batch.at)
    elif way.batch_default is not None:
        facts.know("batch_size", 32, way.batch_default)
    elif fit_batch is not None:
        facts.take("batch_size", fit_batch, int, default=32, at=fit_at)
    elif way.source is not None and is_array(way.source):
        facts.know("batch_size", 32, fit_at)
    else:
        facts.unknown("batch_size", "its data was not followed to where it is batched")
    if way.shuffle_given is not None:
        facts.take("shuffle", way.shuffle_given, bool)
    elif way.shuffle is not None:
        facts.know("shuffle", *way.shuffle)
    elif way.source is None or not is_array(way.source):
        facts.unknown("shuffle", "the order of its data is not told by the program")


def is_array(value: Value) -> bool:
    return isinstance(value, Thing) and value.short == "load_data"
