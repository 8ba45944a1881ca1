"""Follows the images' preprocessing through torchvision's, albumentations' and timm's transforms, step by step."""

from __future__ import annotations

from diagnose.catalogue import augmentations
from diagnose.catalogue.augmentations import CHOICES, RANDOM, RESIZE, TO_TENSOR
from diagnose.catalogue.augmentations import SCALES_TO_UNIT as UNIT
from diagnose.interpreter.functions import bind
from diagnose.interpreter.reader import Reader
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import (
    Call,
    Const,
    Either,
    Event,
    Function,
    Instance,
    Items,
    Ref,
    Thing,
    Value,
    clause,
    plain,
    unknown,
)
from diagnose.model import IMAGENET_MEAN, IMAGENET_STD, UNIT_STEP, Step
from diagnose.training.fields import snake
from diagnose.training.pytorch.arithmetic import (
    DRAWN_IN_PLACE,
    OPERATIONS,
    arithmetic_on,
    channel_numbers,
    in_place,
    pixels,
)
from diagnose.training.pytorch.floats import floats_in, is_float_type
from diagnose.training.pytorch.sizes import set_size
from diagnose.training.pytorch.steps import CHOSEN, Pipeline
from diagnose.training.pytorch.strengths import strength_of
from diagnose.training.unfollowed import described, unfollowed

# albumentations' deterministic steps.
STEADY = ("ToGray", "Lambda", "Crop", "FromFloat", "Pad", "NoOp", "PixelDropout", "CenterCrop", "Resize")
# Prefixes of functions that draw or change images outside a library's transforms.
DRAWING = ("random.", "numpy.random.", "torch.rand", "torch.bernoulli", "cv2.flip", "cv2.warp", "cv2.rotate", "imgaug",
           "PIL.ImageEnhance", "PIL.ImageOps.mirror", "PIL.ImageOps.flip", "numpy.fliplr", "numpy.flip", "numpy.rot90",
           "torch.flip", "scipy.ndimage")  # fmt: skip
TO_PICTURE = ("ToPILImage", "to_pil_image")
# Methods of images that keep their values, wherever the image comes from.
STEADY_METHODS = frozenset((
    ".convert", ".copy", ".resize", ".crop", ".transpose", ".rotate", ".thumbnail", ".getchannel", ".load", ".permute",
    ".astype", ".float", ".unsqueeze", ".squeeze", ".reshape", ".view", ".contiguous", ".clone", ".repeat", ".expand",
    ".byte", ".swapaxes", ".flatten",
))  # fmt: skip
# torchvision's functions that equal a deterministic transform.
FUNCTIONS = {"resize": "Resize", "center_crop": "CenterCrop", "normalize": "Normalize", "to_tensor": "ToTensor",
             "pil_to_tensor": "PILToTensor", "convert_image_dtype": "ConvertImageDtype", "to_dtype": "ToDtype",
             "to_image": "ToImage", "to_pil_image": "ToPILImage", "pad": "Pad"}  # fmt: skip
GROUPS = ("Compose", "Sequential", "Transform")


def way_of(reader: Reader, value: Value | None) -> Pipeline | None:
    """The steps of a transform; None where there is none."""
    if value is None or (isinstance(value, Const) and value.data is None):
        return None
    way = Pipeline(at=value.at)
    walk(reader, value, way)
    return way


def walk(reader: Reader, value: Value, way: Pipeline, depth: int = 0) -> None:
    """Apply a transform, or a list of them, to `way`, step by step; `way.unsure` records what was not followed."""
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
                way.unsure = CHOSEN
        case Thing() if value.short in GROUPS and value.name[:1].isalpha():
            for part in value.args[:1] if value.short == "Compose" else value.args:
                walk(reader, part, way, depth + 1)
            if "transforms" in value.kwargs:
                walk(reader, value.kwargs["transforms"], way, depth + 1)
        case Thing(name="op+", args=parts):
            for part in parts:  # concatenated lists, one of which may be unknown
                walk(reader, part, way, depth + 1)
        case Thing():
            _step(reader, value, way, depth)
        case Instance():
            own_transform(reader, value, way, depth)
            way.extent.lose()
        case Function():
            _function(reader, value, way)
            way.extent.lose()
        case Const(data=None):
            return
        case Ref(name=name) if name.startswith("numpy."):
            way.floats = (True, value.at) if is_float_type(value) else way.floats  # T.Compose([np.float32, ...])
        case _:
            way.unsure = "a transform in it is not known"


def own_transform(reader: Reader, value: Instance, way: Pipeline, depth: int) -> None:
    """Apply a transform of the program's own class: the library transforms it holds, else the steps of its call."""
    held = [part for part in value.attrs.values() if isinstance(part, Thing | Items)]
    inner = [part for part in held if any(map(is_transform, part.items if isinstance(part, Items) else (part,)))]
    if inner:
        for part in inner:
            walk(reader, part, way, depth + 1)
        return
    name = value.cls.name
    random = augmentations.draws(name) or "cutout" in name.lower()
    body = next((value.cls.find(hook) for hook in ("__call__", "forward", "transform") if value.cls.find(hook)), None)
    if isinstance(body, Function):
        before = len(reader.trace)
        own = Pipeline(at=value.at)
        _function(reader, bind(body, value), own, name)
        drawn = drawn_in(reader.trace[before:])
        own.steps = [step for step in own.steps if step.kind != "other"]
        way.go_on(own)
        random = random or bool(drawn)
    else:
        way.unsure = way.unsure or f"{name}, a transform of the program's own, was not followed"
    way.put(name, "random" if random else "other", value.at)
    if random and not any(label == snake(name) for label, _ in way.random):
        way.random.append((snake(name), value.at))


def is_transform(value: Value | None) -> bool:
    """Whether a value is a library's transform, a Compose included."""
    return isinstance(value, Thing) and (
        value.short in (*GROUPS[:1], *TO_TENSOR, *RESIZE, *RANDOM, *CHOICES, "Normalize")
        or value.short.startswith("Random")
        or value.name.startswith("torchvision.transforms.")
    )


def _function(reader: Reader, value: Function, way: Pipeline, name: str = "") -> None:
    """Apply a lambda or function as a transform, by reading it on an unknown image."""
    name = name or value.name
    before = len(reader.trace)
    image = unknown(Reason.PLACEHOLDER, "the image", value.at)
    result = reader.call(value, Call((image,), {}, value.at))
    made = reader.trace[before:]
    for event in made:
        if event.name == "()" and is_transform(event.target) and event.target is not None:
            walk(reader, event.target, way)
        elif is_functional(event.name):
            _step(reader, call_of(event), way)
    arithmetic_on(result, way, made)
    set_size(result, way)
    way.floats = floats_in(result) or way.floats
    if lost := unread_on(result, made):
        way.unsure = way.unsure or lost
    if not made and isinstance(result, Thing) and result.name == "":
        return
    way.put(name, "other", value.at)


def is_functional(name: str) -> bool:
    """Whether a name is a library's functional transform."""
    return name.startswith(("torchvision.transforms.", "albumentations.")) and name.rpartition(".")[2][:1].islower()


def call_of(event: Event) -> Thing:
    """A call as a Thing, whatever a library returned for it."""
    if isinstance(event.result, Thing):
        return event.result
    return Thing(event.at, name=event.name, args=event.args, kwargs=event.kwargs)


def _as_transform(value: Thing) -> Thing:
    """A function's call as the equivalent transform, by its class's name and without the image."""
    made = FUNCTIONS.get(value.short)
    if made is None or not value.name.startswith("torchvision.transforms."):
        return value
    kwargs = {name: one for name, one in value.kwargs.items() if name not in ("img", "inpt", "image", "tensor", "pic")}
    shift = 1 if len(kwargs) == len(value.kwargs) else 0
    return Thing(value.at, name=f"torchvision.transforms.{made}", args=value.args[shift:], kwargs=kwargs)


def unread_on(images: Value | None, made: list[Event]) -> str:
    """Why the steps of images are not all known, as a clause, by the events `made`; "" where they are."""
    lost = [(call.event.result, call) for event in made if (call := unfollowed(event)) is not None]
    lost = [(value, call) for value, call in lost if call.event.name not in STEADY_METHODS]
    ids = {id(one) for one in pixels(images)}
    for event in in_place(images, made):
        return f"they are changed in place (line {event.at.line})"
    return next((f"{c.what} (line {c.at.line}) was not followed" for value, c in lost if id(value) in ids), "")


def drawn_in(made: list[Event]) -> str:
    """Why the events `made` may augment images by the program's own random code; "" where they do not."""
    for event in made:
        source = event.target.name if event.name.startswith(".") and isinstance(event.target, Thing) else ""
        drawn = (event.name, source) if event.kind == "call" else ()
        if event.name in DRAWN_IN_PLACE or any(name.startswith(DRAWING) for name in drawn):
            return f"its own code draws at random (line {event.at.line})"
    return ""


def drawn_on(batch: Value) -> str:
    """Why a batch may be augmented in the loop, as a clause: the program mixes, flips or masks it; "" where not."""
    for one in pixels(batch, 400):
        if one.name.startswith(DRAWING) or one.short in ("flip", "roll", "where", "masked_fill"):
            return f"the loop changes its batches (line {one.at.line})"
        if OPERATIONS.get(one.name) == "*" and not any(channel_numbers(part) for part in one.args):
            return f"the loop mixes or weights its batches (line {one.at.line})"
    return ""


def _step(reader: Reader, value: Thing, way: Pipeline, depth: int = 0) -> None:
    value = _as_transform(value)
    name, at = value.short, value.at
    if name == "transforms" and _weights_in(value):
        way.steps += [Step("resize", "geometry", at), Step("center_crop", "geometry", at),
                      Step("convert_image_dtype", "scale", at), Step("normalize", "normalize", at)]  # fmt: skip
        way.scaling.append((UNIT_STEP, at))
        way.mean, way.std, way.size = (IMAGENET_MEAN, at), (IMAGENET_STD, at), (224, at)
        return
    if (strength := strength_of(value)) is not None:
        way.strengths[strength[0]] = strength[1]
    if name in CHOICES:
        way.put(name, "random", at)
        way.extent.lose()
        inner = Pipeline()
        if value.args:
            walk(reader, value.args[0], inner, depth + 1)
        way.random += inner.random or [(snake(name), at)]
        return
    if name == "Lambda" and value.args:
        if isinstance(value.args[0], Function):
            _function(reader, value.args[0], way)
        else:
            way.put(name, "other", at)
        way.extent.lose()
        return
    if name == "RandomErasing":
        way.put(name, "erase", at)
        way.random.append((snake(name), at))
        return
    if name in RESIZE:
        _resize(value, way)
    crop = way.extent.after(value)
    if augmentations.draws(name):
        way.random.append((snake(name), at))
        way.put(name, "random", at, crop)
    elif name in TO_PICTURE:
        way.restart()
    elif name in TO_TENSOR and name in UNIT:
        way.convert(name, "tensor", at)
    elif name in TO_TENSOR:
        way.put(name, "tensor", at)
    elif name in UNIT and plain(value.kwargs.get("max_value")) is not None:
        way.scale(UNIT_STEP, name, at)  # albumentations' ToFloat divides any input
        way.floats = (True, at)
    elif name in UNIT or (name == "ToDtype" and plain(value.arg(1, "scale"), False)):
        way.convert(name, "scale", at)
    elif name == "ToDtype":
        way.put(name, "other", at)
        way.floats = (True, at) if is_float_type(value.arg(0, "dtype")) else way.floats
    elif name in ("Normalize", "normalize"):
        normalize(value, way)
    elif name in RESIZE:
        way.put(name, "geometry", at, crop, way.size[0] if way.size else None)
    elif name.startswith("opunknown"):
        return
    elif value.name == "":
        way.unsure = f"a transform in it is not known ({clause(value)})"
    elif value.package == "albumentations" and name not in STEADY and not value.name.startswith("."):
        way.random.append((snake(name), at))  # each acts with a probability
        way.put(name, "random", at)
    elif value.name.startswith("torch.nn.") and "Norm" in name:
        way.doubt(f"{name} (line {at.line}) normalises the images by a rule of its own")
        way.put(name, "other", at)
    elif value.package in ("torchvision", "albumentations", "torch", "timm") or value.name.startswith("child:"):
        way.put(name, "other", at)
    else:
        way.unsure = way.unsure or f"{described(value)} (line {at.line}) is not followed"


def _weights_in(value: Thing) -> bool:
    base = value.base
    name = base.name if isinstance(base, Ref | Thing) else ""
    by_argument = any(isinstance(one, Ref) and "_Weights" in one.name for one in value.args)
    by_name = isinstance(base, Thing) and base.short == "get_weight"
    return "_Weights" in value.name or "_Weights" in name or by_argument or by_name


def normalize(value: Thing, way: Pipeline) -> None:
    """Apply torchvision's or albumentations' Normalize to `way`; unknown numbers are None."""
    foreign = value.name.startswith("albumentations.")
    offset = 1 if value.short == "normalize" else 0  # functional.normalize(image, mean, std)
    mean, std = value.arg(offset, "mean"), value.arg(offset + 1, "std")
    way.put("normalize", "normalize", value.at)
    if foreign and plain(value.kwargs.get("max_pixel_value"), 255.0) in (255, 255.0):
        way.scaling.append((UNIT_STEP, value.at))
    if foreign or any(step.kind == "tensor" for step in way.steps):
        way.floats = (True, value.at)
    if foreign and mean is None:
        way.mean, way.std = (IMAGENET_MEAN, value.at), (IMAGENET_STD, value.at)
        return
    for name, given in (("mean", mean), ("std", std)):
        numbers = channel_numbers(given)
        setattr(way, name, (numbers, given.at if given is not None else value.at))


def _resize(value: Thing, way: Pipeline) -> None:
    given = value.arg(0, "size", "height", "max_size")
    data = plain(given)
    if isinstance(data, list | tuple) and data:
        data = data[0]
    if isinstance(data, bool) or not isinstance(data, int):
        way.size = None if given is None or data is None else way.size
        return
    assert given is not None
    way.size = (data, given.at)
