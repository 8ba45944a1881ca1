"""The preprocessing steps of a Keras program, their combined effect, and the fields they fill."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import isclose

from diagnose.catalogue import architectures
from diagnose.interpreter.values import Thing, Value, plain
from diagnose.model import IMAGENET_MEAN, IMAGENET_STD, SYMMETRIC_STEP, UNIT_STEP, Location, Step
from diagnose.training.fields import TRAIN_FIELDS, VAL_FIELDS, Fields
from diagnose.training.labels import Labels, labels_of

CAFFE_MEAN = (103.939, 116.779, 123.68)  # blue, green, red
# Topics that may be in doubt, each separately: pixel values, random steps, the size, the labels.
TOPICS = ("values", "random", "size", "labels", "order")
RUN_TIME = "by a condition that is known at run time only"
PIXELS = ("values", "random", "size")
NEAR_UNIT, NEAR_SYMMETRIC = (254, 256), (127, 128)  # divisors that count as 255 and 127.5
SLACK = 0.02  # of a shift by -1: 127.5/128 and 127.5/127 lie within it


@dataclass
class KerasPipeline:
    """How the images of one split reach the network.

    doubts: why a topic is uncertain, by topic. line: factor and shift of the pixels since the last named scaling step.
    floating: whether pixels are floats by now. training: False where random layers of a model do nothing.
    """

    at: Location
    steps: list[Step] = field(default_factory=list)
    scaling: list[tuple[str, Location]] = field(default_factory=list)
    random: list[tuple[str, Location]] = field(default_factory=list)
    line: tuple[float, float] = (1.0, 0.0)
    line_at: Location | None = None
    mean: tuple[tuple[float, ...], Location] | None = None
    std: tuple[tuple[float, ...], Location] | None = None
    preprocessing: tuple[str, str, Location] | None = None  # family, mode, place
    size: tuple[int, Location] | None = None
    floating: bool | None = None
    kept: Location | None = None  # where convert_image_dtype leaves floats in 0..255 unchanged
    batch: Value | None = None
    batch_default: Location | None = None
    shuffle: tuple[bool, Location] | None = None
    shuffle_given: Value | None = None
    array: bool = False  # whether fit() gets arrays, which it shuffles and batches itself
    by_class: bool = False  # whether the source lists its images class by class
    labels: tuple[str, Location] | None = None  # one_hot, int, binary
    labels_scaled: Location | None = None  # where they are divided by 255
    labels_smoothed: Location | None = None
    generator: Thing | None = None
    source: Value | None = None
    bgr: Location | None = None
    synthetic: bool = False  # random numbers instead of images
    doubts: dict[str, str] = field(default_factory=dict)
    training: bool = True

    def put(self, name: str, kind: str, at: Location) -> None:
        """Add a step to `steps`. kind: one of those of `diagnose.model.Step`."""
        self.steps.append(Step(name, kind, at))

    def doubt(self, why: str, *topics: str) -> None:
        """Doubt some topics, or all where none is named, for the reason `why`; a topic keeps its first reason."""
        for topic in topics or TOPICS:
            self.doubts.setdefault(topic, why)

    def draw(self, name: str, at: Location) -> None:
        """Add a random step, unless the model that holds it does not train."""
        if self.training:
            self.random.append((name, at))
            self.put(name, "random", at)

    def decode(self, floating: bool | None = False) -> None:
        """Start at decoded images: forget the steps so far, which were on file names or bytes."""
        self.steps, self.scaling, self.random, self.line = [], [], [], (1.0, 0.0)
        self.mean = self.std = self.preprocessing = self.size = self.bgr = None
        self.floating = floating
        for topic in PIXELS:
            self.doubts.pop(topic, None)

    def label(self, found: Labels) -> None:
        """Set the labels that were found; a doubt where their form is unknown."""
        self.labels, self.labels_scaled, self.labels_smoothed = found.form, found.scaled, found.smoothed
        self.doubts.pop("labels", None)
        if found.form is None:
            self.doubt("the form of its labels is not known", "labels")

    def relabelled(self, value: Value, start: Value) -> Labels:
        """The labels after a function of the labels before, which `start` represents."""
        before = Labels(self.labels, self.labels_scaled, self.labels_smoothed)
        return labels_of(value, start, Labels() if "labels" in self.doubts else before)

    def copy(self) -> KerasPipeline:
        """An independent copy."""
        return replace(
            self,
            steps=list(self.steps),
            scaling=list(self.scaling),
            random=list(self.random),
            doubts=dict(self.doubts),
        )

    def state(self, topic: str) -> object:
        """The state that two ways must share to agree on a topic: "values", "random", "size" or "labels"."""
        if topic == "values":
            mean, std = self.mean and self.mean[0], self.std and self.std[0]
            return (
                [word for word, _ in self.scaling],
                self.line,
                mean,
                std,
                self.preprocessing and self.preprocessing[1],
            )
        if topic == "random":
            return [name for name, _ in self.random]
        return self.size[0] if topic == "size" and self.size else self.labels and self.labels[0]

    def scale(self, factor: float, at: Location) -> None:
        """Multiply the pixels by a factor; a known scaling, such as 1/255, becomes a step."""
        self._move(self.line[0] * factor, self.line[1] * factor, at)

    def shift(self, amount: float, at: Location) -> None:
        """Add an amount to the pixels, in their units at this point; a known scaling becomes a step."""
        self._move(self.line[0], self.line[1] + amount, at)

    def _move(self, factor: float, shift: float, at: Location) -> None:
        """Map the pixels to factor * x + shift; a scaling with a name becomes a step of `scaling`."""
        self.line, self.line_at = (factor, shift), at
        last = self.scaling[-1][0] if self.scaling else ""
        divisor = 1 / factor if factor else 0.0
        flat, down = abs(shift) < 1e-6, abs(shift + 1) <= SLACK
        if NEAR_UNIT[0] <= divisor <= NEAR_UNIT[1] and flat:
            self._name(UNIT_STEP, "divide_by_255", at)
        elif NEAR_SYMMETRIC[0] <= divisor <= NEAR_SYMMETRIC[1] and down:
            self._name(SYMMETRIC_STEP, "scale_to_symmetric", at)
        elif last == UNIT_STEP and isclose(factor, 2, rel_tol=SLACK) and down:
            self.scaling.pop()
            self._name(SYMMETRIC_STEP, "scale_to_symmetric", at)
        elif last == UNIT_STEP and NEAR_UNIT[0] <= factor <= NEAR_UNIT[1] and flat:
            self.scaling.pop()
            self.line = (1.0, 0.0)

    def _name(self, word: str, step: str, at: Location) -> None:
        self.scaling.append((word, at))
        self.put(step, "scale", at)
        self.line = (1.0, 0.0)

    def normalise(self, mean: tuple[float, ...] | None, std: tuple[float, ...] | None, at: Location) -> None:
        """Subtract a mean, or divide by a standard deviation, per channel; None for the one left out."""
        if self.line != (1.0, 0.0) or (mean is not None and self.mean is not None):
            self.doubt("it is computed in several steps", "values")
        if mean is not None:
            self.mean = (mean, at)
            self.put("subtract_mean", "normalize", at)
        if std is not None:
            self.std = (std, at)

    def finish(self) -> None:
        """Turn the remaining arithmetic on pixels into a mean and a standard deviation, or doubt the values."""
        factor, shift = self.line
        at, self.line = self.line_at or self.at, (1.0, 0.0)
        if isclose(factor, 1, rel_tol=1e-6) and abs(shift) < 1e-6:
            return
        if factor <= 0 or abs(shift) < 1e-6 or self.mean is not None or self.preprocessing is not None:
            self.doubt(f"its pixels are multiplied by {factor:.3g}, {shift:.3g} added", "values")
        else:
            self.mean, self.std = ((-shift / factor,) * 3, at), ((1 / factor,) * 3, at)
            self.put("arithmetic", "normalize", at)

    @property
    def certain(self) -> bool:
        """Whether pixel values and random steps are certain."""
        return not {"values", "random"} & set(self.doubts)

    @property
    def fed(self) -> str:
        """The range of the pixels: "caffe", "tf", "torch", "unit" (0..1) or "raw" (0..255); "" where unknown."""
        if "values" in self.doubts:
            return ""
        if self.preprocessing is not None:
            return self.preprocessing[1] if len(self.scaling) < 2 else ""
        words = [step for step, _ in self.scaling]
        if self.mean is not None and self.mean[0]:
            return "torch" if words == [UNIT_STEP] else "caffe" if not words else ""
        return {(): "raw", (UNIT_STEP,): "unit", (SYMMETRIC_STEP,): "tf"}.get(tuple(words), "")


def factor(value: Value | None, way: KerasPipeline, offset: Value | None = None) -> None:
    """Apply rescale=1/255 or Rescaling(1/127.5, offset=-1) to `way`; a doubt where a number is unknown."""
    data, shift = plain(value), plain(offset, 0 if offset is None else None)
    if not _number(data) or not _number(shift) or value is None or not data:
        way.doubt("its rescaling is not known", "values")
        return
    way.put("rescale", "scale", value.at)
    before = len(way.steps)
    way.scale(float(data), value.at)
    if not shift and NEAR_SYMMETRIC[0] <= 1 / data <= NEAR_SYMMETRIC[1]:
        way.doubt("it rescales to 0..2", "values")
    way.shift(float(shift), value.at)
    del way.steps[before:]  # one step, under one name


def _number(data: object) -> bool:
    return isinstance(data, int | float) and not isinstance(data, bool)


def preprocess(name: str, at: Location, way: KerasPipeline, mode: Value | None = None) -> None:
    """Apply a preprocess_input to `way`: its scaling, mean and standard deviation.

    name: dotted, such as keras.applications.resnet50.preprocess_input. mode: the argument of that name in
    imagenet_utils. A doubt where its effect is unknown.
    """
    part = name.split(".")
    family = part[-2] if len(part) > 1 else ""
    scheme = architectures.PREPROCESS.get(family) if name.startswith("keras.") else None
    if mode is not None:
        scheme = plain(mode) if family == "imagenet_utils" else scheme
    if scheme not in ("caffe", "tf", "torch", "built in"):
        way.doubt(f"what {name} does is not known", "values")
        return
    way.put("preprocess_input", "normalize" if scheme != "built in" else "other", at)
    if scheme == "built in":
        return  # the identity: the network has built-in preprocessing
    if way.line != (1.0, 0.0) or way.preprocessing is not None:
        way.doubt("pixels are computed on before preprocess_input", "values")
    way.preprocessing = (family, scheme, at)
    if scheme == "tf":
        way.scaling.append((SYMMETRIC_STEP, at))
    elif scheme == "torch":
        way.scaling.append((UNIT_STEP, at))
        way.mean, way.std = (IMAGENET_MEAN, at), (IMAGENET_STD, at)
    else:
        way.mean, way.std = (CAFFE_MEAN, at), ((1.0, 1.0, 1.0), at)


def set_size(value: Value | None, way: KerasPipeline) -> None:
    """Set the size of the images in px, the first of two sides; a doubt where it is unknown."""
    data = plain(value)
    data = data[0] if isinstance(data, list | tuple) and data else data
    if isinstance(data, int) and not isinstance(data, bool) and value is not None:
        way.size = (data, value.at)
        way.doubts.pop("size", None)
    else:
        way.size = None
        way.doubt("the size that its images are brought to is not known", "size")


def wanted(body: Thing) -> str | None:
    """The input that the weights of a Keras network expect: "caffe", "tf", "torch", "built in"; None if unknown."""
    entry = architectures.find(body.short)
    return (entry.keras or None) if entry else None


def settle(way: KerasPipeline, fields: Fields, val: bool = False) -> None:
    """Write one split's augmentations, input size (px), scaling, mean and std into `fields`.

    val: use the fields with `val_` instead of the training ones, which also include preprocessing. Doubted ones are
    unknown.
    """
    augmentations, size, scaling, mean, std = VAL_FIELDS if val else TRAIN_FIELDS
    if "size" in way.doubts:
        fields.unknown(size, way.doubts["size"])
    elif way.size:
        fields.know(size, *way.size)
    if "random" in way.doubts:
        fields.unknown(augmentations, way.doubts["random"])
    else:
        place = way.random[0][1] if way.random else way.at
        fields.know(augmentations, tuple(name for name, _ in way.random), place)
    if "values" in way.doubts:
        for name in (scaling, mean, std):
            fields.unknown(name, way.doubts["values"])
        return
    place = way.scaling[-1][1] if way.scaling else way.at
    fields.know(scaling, tuple(step for step, _ in way.scaling), place)
    for name, known in ((mean, way.mean), (std, way.std)):
        fields.know(name, *(known or ((), place)))
    if way.preprocessing is not None and not val:
        fields.know("preprocessing", f"keras.{way.preprocessing[0]}", way.preprocessing[2])


def describe_batches(way: KerasPipeline, fit_batch: Value | None, fit_at: Location, fields: Fields) -> None:
    """Write batch_size and shuffle into `fields`, from the loader or else from fit().

    fit_batch: the batch size passed to fit(), at `fit_at`.
    """
    array = way.array or (way.source is not None and is_array(way.source) and "order" not in way.doubts)
    if way.batch is not None:
        fields.take("batch_size", way.batch, int, default=32, at=way.batch.at)
    elif way.batch_default is not None:
        fields.know("batch_size", 32, way.batch_default)
    elif fit_batch is not None:
        fields.take("batch_size", fit_batch, int, default=32, at=fit_at)
    elif array:
        fields.know("batch_size", 32, fit_at)
    else:
        fields.unknown("batch_size", "its data was not followed to where it is batched")
    if way.shuffle is not None and way.shuffle[0]:
        fields.know("shuffle", *way.shuffle)
    elif "order" in way.doubts:
        fields.unknown("shuffle", way.doubts["order"])
    elif way.shuffle_given is not None:
        fields.take("shuffle", way.shuffle_given, bool)
    elif not array:
        fields.unknown("shuffle", "the program does not say in which order its data comes")


def describe_own_batches(way: KerasPipeline, size: Value | None, picked: Value | None, fields: Fields) -> None:
    """Write batch_size and shuffle into `fields`, from the program's own loop.

    size: of its batches. picked: the call that picks images at random.
    """
    given = size or way.batch
    if given is not None:
        fields.take("batch_size", given, int)
    elif way.batch_default is not None:
        fields.know("batch_size", 32, way.batch_default)
    else:
        fields.unknown("batch_size", "its data was not followed to where it is batched")
    if way.shuffle is not None and way.shuffle[0]:
        fields.know("shuffle", *way.shuffle)
    elif picked is not None:
        fields.know("shuffle", True, picked.at)
    elif way.shuffle_given is not None:
        fields.take("shuffle", way.shuffle_given, bool)
    else:
        why = way.doubts.get("order", "the program does not say in which order its data comes")
        fields.unknown("shuffle", why)


def is_array(value: Value) -> bool:
    """Whether a value is the arrays of a load_data() of keras.datasets."""
    return isinstance(value, Thing) and value.short == "load_data"
