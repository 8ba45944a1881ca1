"""The images' way into the network: torchvision's, albumentations' and timm's transforms, step by step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from diagnose.config.facts import TRAIN_FIELDS, VAL_FIELDS, Facts, ancestors, snake
from diagnose.model import IMAGENET_MEAN, IMAGENET_STD, SYMMETRIC_STEP, UNIT_STEP, Location, Step
from diagnose.program.reader import Reader
from diagnose.program.values import (
    Call,
    Const,
    Either,
    Function,
    Instance,
    Items,
    Ref,
    Thing,
    Value,
    plain,
    unknown,
)

TIMM_MEANS = {"IMAGENET_DEFAULT_MEAN": IMAGENET_MEAN, "IMAGENET_DEFAULT_STD": IMAGENET_STD,
              "IMAGENET_INCEPTION_MEAN": (0.5,) * 3, "IMAGENET_INCEPTION_STD": (0.5,) * 3}  # fmt: skip

RANDOM = ("ColorJitter", "AutoAugment", "RandAugment", "TrivialAugmentWide", "AugMix", "ElasticTransform", "Cutout",
          "HorizontalFlip", "VerticalFlip", "ShiftScaleRotate", "Rotate", "CoarseDropout", "HueSaturationValue",
          "Affine",
          "GaussNoise", "GaussianBlur", "RandomBrightnessContrast", "CIFAR10Policy", "ImageNetPolicy", "CutMix",
          "MixUp",
          "Flip", "Transpose", "OneOf", "SomeOf", "MotionBlur", "CLAHE", "RGBShift", "ScaleJitter",
          "Lighting")  # fmt: skip
TO_TENSOR = (
    "ToTensor",
    "PILToTensor",
    "ToImage",
    "ToImageTensor",
    "ToTensorV2",
    "ToPureTensor",
    "pil_to_tensor",
    "to_tensor",
)
UNIT = ("ToTensor", "ConvertImageDtype", "ConvertDtype", "ConvertImageDtype", "to_tensor", "ToFloat")
RESIZE = ("Resize", "RandomResizedCrop", "CenterCrop", "RandomCrop", "RandomSizedCrop",
          "RandomResizedCropAndInterpolation",
          "Scale", "FiveCrop", "TenCrop", "SmallestMaxSize", "LongestMaxSize", "PadIfNeeded",
          "ScaleJitter")  # fmt: skip
GROUPS = ("Compose", "Sequential", "Transform")
CHOICES = ("RandomApply", "RandomChoice", "RandomOrder", "OneOf", "SomeOf")


@dataclass
class Way:
    """What a sequence of transforms comes to."""

    steps: list[Step] = field(default_factory=list)
    things: list[Value] = field(default_factory=list)
    scaling: list[tuple[str, Location]] = field(default_factory=list)
    mean: tuple[Any, Location] | None = None
    std: tuple[Any, Location] | None = None
    size: tuple[int, Location] | None = None
    random: list[tuple[str, Location]] = field(default_factory=list)
    at: Location | None = None
    unsure: str = ""  # why a part of it is not known
    unknown_random: bool = False  # whether it is augmented cannot be told

    def go_on(self, after: Way) -> None:
        """Adds what follows; later statistics replace earlier ones."""
        self.steps += after.steps
        self.scaling += after.scaling
        self.random += after.random
        self.mean, self.std = after.mean or self.mean, after.std or self.std
        self.unsure = self.unsure or after.unsure

    def put(self, name: str, kind: str, at: Location) -> None:
        self.steps.append(Step(snake(name), kind, at))


def way_of(reader: Reader, value: Value | None) -> Way | None:
    """The steps of a transform; None where it is no transform that was found."""
    if value is None or (isinstance(value, Const) and value.data is None):
        return None
    way = Way(at=value.at)
    walk(reader, value, way)
    return way


def walk(reader: Reader, value: Value, way: Way, depth: int = 0) -> None:
    if depth > 12:
        return
    match value:
        case Items(items=items, partial=partial):
            for item in items:
                walk(reader, item, way, depth + 1)
            if partial:
                way.unsure = "its list of transforms is filled at run time"
        case Either(options=options):
            kept = [option for option in options if not (isinstance(option, Const) and option.data is None)]
            if len(kept) == 1 and len(options) == 1:
                walk(reader, kept[0], way, depth + 1)
            else:
                way.unsure = "a condition that is known at run time only chooses the transforms"
        case Thing() if value.short in GROUPS and value.name[:1].isalpha():
            for part in value.args[:1] if value.short == "Compose" else value.args:
                walk(reader, part, way, depth + 1)
            if "transforms" in value.kwargs:
                walk(reader, value.kwargs["transforms"], way, depth + 1)
        case Thing():
            _step(reader, value, way, depth)
        case Instance():
            own_transform(reader, value, way, depth)
        case Function():
            _function(reader, value, way)
        case Const(data=None):
            return
        case _:
            way.unsure = "a transform in it is not known"


def own_transform(reader: Reader, value: Instance, way: Way, depth: int) -> None:
    """A transform of the program's own class: the library's transforms it holds, else its name."""
    held = [part for part in value.attrs.values() if isinstance(part, Thing | Items)]
    inner = [part for part in held if any(map(is_transform, part.items if isinstance(part, Items) else (part,)))]
    if inner:
        for part in inner:
            walk(reader, part, way, depth + 1)
        return
    name = value.cls.name
    random = name.startswith("Random") or name in RANDOM or "cutout" in name.lower()
    way.put(name, "random" if random else "other", value.at)
    if random:
        way.random.append((snake(name), value.at))


def is_transform(value: Value | None) -> bool:
    return isinstance(value, Thing) and (
        value.short in (*GROUPS[:1], *TO_TENSOR, *RESIZE, *RANDOM, *CHOICES, "Normalize")
        or value.short.startswith("Random")
        or value.name.startswith("torchvision.transforms.")
    )


def _function(reader: Reader, value: Function, way: Way) -> None:
    """A lambda or function as a transform: read on an image that is not known."""
    before = len(reader.events)
    image = unknown("the image", value.at)
    result = reader.call(value, Call((image,), {}, value.at))
    made = reader.events[before:]
    for event in made:
        if event.name == "()" and is_transform(event.target) and event.target is not None:
            walk(reader, event.target, way)
        elif event.name.startswith(("torchvision.transforms.functional.", "albumentations.")):
            _step(
                reader,
                event.result
                if isinstance(event.result, Thing)
                else Thing(event.at, name=event.name, args=event.args, kwargs=event.kwargs),
                way,
            )
    scale_in_graph(result, way)
    if not made and isinstance(result, Thing) and result.name == "":
        return
    way.put(value.name, "other", value.at)


def scale_in_graph(result: Value | None, way: Way) -> None:
    """Divisions by 255 (or 127.5 with a shift) in arithmetic, and statistics taken from each channel."""
    _statistics_in_graph(result, way)
    for one in ancestors(result, 300):
        if not isinstance(one, Thing) or one.name not in ("op/", "op*") or len(one.args) != 2:
            continue
        factor = plain(one.args[1])
        if not isinstance(factor, int | float) or isinstance(factor, bool):
            factor = plain(one.args[0]) if one.name == "op*" else None
        if not isinstance(factor, int | float) or not factor:
            continue
        divided = factor if one.name == "op/" else 1 / factor
        if 254 <= divided <= 256:
            way.scaling.append((UNIT_STEP, one.at))
            way.put("divide_by_255", "scale", one.at)
        elif 127 <= divided <= 128:
            way.scaling.append((SYMMETRIC_STEP, one.at))
            way.put("scale_to_symmetric", "scale", one.at)


def _statistics_in_graph(result: Value | None, way: Way) -> None:
    """(image - mean) / std, with numbers or without."""
    for one in ancestors(result, 300):
        if not isinstance(one, Thing) or one.name not in ("op-", "op/") or len(one.args) != 2:
            continue
        told = numbers(one.args[1])
        if told is not None and not isinstance(one.args[1], Const):
            name = "mean" if one.name == "op-" else "std"
            setattr(way, name, (told, one.at))
            way.put(f"{'subtract' if name == 'mean' else 'divide_by'}_{name}", "normalize", one.at)
        elif not isinstance(one.args[1], Const) and one.name == "op-":
            way.mean, way.std = (None, one.at), (None, one.at)


def _step(reader: Reader, value: Thing, way: Way, depth: int = 0) -> None:
    name, at = value.short, value.at
    if name == "transforms" and _weights_in(value):
        way.steps += [Step("resize", "geometry", at), Step("center_crop", "geometry", at),
                      Step("convert_image_dtype", "scale", at), Step("normalize", "normalize", at)]  # fmt: skip
        way.scaling.append((UNIT_STEP, at))
        way.mean, way.std, way.size = (IMAGENET_MEAN, at), (IMAGENET_STD, at), (224, at)
        return
    if name == "create_transform":
        timm_transform(value, way)
        return
    if name in CHOICES:
        way.put(name, "random", at)
        inner = Way()
        if value.args:
            walk(reader, value.args[0], inner, depth + 1)
        way.random += inner.random or [(snake(name), at)]
        return
    if name == "Lambda" and value.args:
        if isinstance(value.args[0], Function):
            _function(reader, value.args[0], way)
        else:
            way.put(name, "other", at)
        return
    if name == "RandomErasing":
        way.put(name, "erase", at)
        way.random.append((snake(name), at))
        return
    if name in RESIZE:
        _resize(value, way)
    if name.startswith("Random") or name in RANDOM:
        way.random.append((snake(name), at))
        way.put(name, "random", at)
    elif name in TO_TENSOR:
        way.put(name, "tensor", at)
        if name in UNIT:
            way.scaling.append((UNIT_STEP, at))
    elif name in UNIT:
        way.put(name, "scale", at)
        way.scaling.append((UNIT_STEP, at))
    elif name == "ToDtype":
        scaled = plain(value.arg(1, "scale"), False)
        way.put(name, "scale" if scaled else "other", at)
        if scaled:
            way.scaling.append((UNIT_STEP, at))
    elif name in ("Normalize", "normalize"):
        normalize(value, way)
    elif name in RESIZE:
        way.put(name, "geometry", at)
    elif name.startswith("opunknown"):
        return
    elif value.name == "":
        way.unsure = f"a transform in it is not known ({value.why})"
    else:
        way.put(name, "other", at)


def _weights_in(value: Thing) -> bool:
    base = value.base
    name = base.name if isinstance(base, Ref | Thing) else ""
    by_argument = any(isinstance(one, Ref) and "_Weights" in one.name for one in value.args)
    by_name = isinstance(base, Thing) and base.short == "get_weight"
    return "_Weights" in value.name or "_Weights" in name or by_argument or by_name


def timm_transform(value: Thing, way: Way) -> None:
    at = value.at
    training = plain(value.kwargs.get("is_training"), False)
    size = value.arg(0, "input_size")
    side = plain(size)
    side = side[-1] if isinstance(side, tuple | list) and side else side
    if isinstance(side, int):
        way.size = (side, size.at if size is not None else at)
    if training:
        way.random += [("random_resized_crop", at), ("random_horizontal_flip", at)]
        way.put("random_resized_crop", "random", at)
    way.put("to_tensor", "tensor", at)
    way.scaling.append((UNIT_STEP, at))
    way.put("normalize", "normalize", at)
    way.mean = (numbers(value.kwargs.get("mean")) or IMAGENET_MEAN, at)
    way.std = (numbers(value.kwargs.get("std")) or IMAGENET_STD, at)


def normalize(value: Thing, way: Way) -> None:
    foreign = value.name.startswith("albumentations.")
    offset = 1 if value.short == "normalize" else 0  # functional.normalize(image, mean, std)
    mean, std = value.arg(offset, "mean"), value.arg(offset + 1, "std")
    way.put("normalize", "normalize", value.at)
    if foreign and plain(value.kwargs.get("max_pixel_value"), 255.0) in (255, 255.0):
        way.scaling.append((UNIT_STEP, value.at))
    if foreign and mean is None:
        way.mean, way.std = (IMAGENET_MEAN, value.at), (IMAGENET_STD, value.at)
        return
    for name, given in (("mean", mean), ("std", std)):
        told = numbers(given)
        setattr(way, name, (told, given.at if given is not None else value.at))


def numbers(value: Value | None) -> tuple[float, ...] | None:
    """One or three numbers; None where they are not known."""
    if isinstance(value, Ref) and value.name.rpartition(".")[2] in TIMM_MEANS:
        return TIMM_MEANS[value.name.rpartition(".")[2]]
    data = plain(value)
    data = [data] if isinstance(data, int | float) else data
    if isinstance(data, list | tuple) and data and all(isinstance(n, int | float) for n in data):
        told = tuple(float(n) for n in data)
        return told * 3 if len(told) == 1 else told
    return None


def _resize(value: Thing, way: Way) -> None:
    given = value.arg(0, "size", "height", "max_size")
    data = plain(given)
    if isinstance(data, list | tuple) and data:
        data = data[0]
    if isinstance(data, bool) or not isinstance(data, int):
        way.size = None if given is None or data is None else way.size
        return
    assert given is not None
    way.size = (data, given.at)


def settle(way: Way | None, facts: Facts, val: bool = False) -> None:
    """Writes what a way comes to into the fields of the configuration."""
    names = VAL_FIELDS if val else TRAIN_FIELDS
    if way is None or way.at is None:
        return
    if way.unsure:
        for name in names:
            if name.endswith("size") and way.size:
                continue
            facts.unknown(name, way.unsure)
    if not way.unsure:
        first = way.random[0][1] if way.random else way.at
        if way.unknown_random and not way.random:
            facts.unknown(names[0], "the dataset's own code prepares the images")
        else:
            facts.know(names[0], tuple(name for name, _ in way.random), first)
        facts.know(names[2], tuple(step for step, _ in way.scaling), way.scaling[-1][1] if way.scaling else way.at)
    if way.size:
        facts.know(names[1], *way.size)
    for name, told in ((names[3], way.mean), (names[4], way.std)):
        if told is not None and told[0] is not None:
            facts.know(name, *told)
        elif told is not None:
            facts.unknown(name, "its numbers are computed at run time")
        elif not way.unsure:
            facts.know(name, (), way.at)
