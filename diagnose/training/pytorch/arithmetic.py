"""Scaling and normalisation that a program writes as arithmetic: images / 255, (x - mean) / std, x.sub_(m).div_(s)."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.values import Const, Either, Items, Table, Thing, Value, plain
from diagnose.model import SYMMETRIC_STEP, UNIT_STEP, Location
from diagnose.training.pytorch.steps import Pipeline, numbers

# What each way of writing comes to.
OPERATIONS = {
    "op-": "-", ".sub": "-", ".sub_": "-", "torch.sub": "-", "torch.subtract": "-", "numpy.subtract": "-",
    "op/": "/", ".div": "/", ".div_": "/", ".true_divide": "/", "torch.div": "/", "torch.true_divide": "/",
    "numpy.divide": "/", "numpy.true_divide": "/",
    "op*": "*", ".mul": "*", ".mul_": "*", "torch.mul": "*", "numpy.multiply": "*",
}  # fmt: skip
# Functions that set the images' values by a rule of their own.
RESCALING = ("img_as_float", "img_as_float32", "img_as_float64", "rescale_intensity", "layer_norm", "instance_norm",
             "group_norm", "standardize", "standardise", "per_image_standardization", "equalize_adapthist", "normalize",
             "MinMaxScaler", "minmax_scale", "scale")  # fmt: skip
READERS = ("open", "imread", "read_image", "default_loader", "pil_loader", "decode_image", "decode_jpeg", "imdecode",
           "memmap", "load")  # fmt: skip
SPLITS = ("random_split", "load_dataset", "from_folder")
# Steps that leave numbers what they are, whatever shape or type they give them.
SHAPING = ("tensor", "as_tensor", "Tensor", "FloatTensor", "array", "asarray", "float32", "float64", "view", "reshape",
           "to", "cuda", "float", "half", "double", "unsqueeze", "unsqueeze_", "type", "astype", "expand", "view_as",
           "type_as", "expand_as", "constant", "expand_dims", "from_numpy", "[]", "[:]", "cpu", "contiguous",
           "Parameter", "detach", "clone", "buffer", "repeat", "copy")  # fmt: skip


def arithmetic_on(images: Value | None, way: Pipeline) -> None:
    """Add to `way` the scaling, mean and deviation that the arithmetic behind `images` comes to, or a doubt."""
    scalars: dict[str, tuple[float, Location]] = {}
    for one in pixels(images):
        told = _operation(one)
        if told is None:
            if one.short in RESCALING and not one.name.startswith(("torchvision.", "albumentations.", "child:")):
                way.doubt(f"{one.short}() (line {one.at.line}) sets the images' values by a rule of its own")
            continue
        sign, right = told
        number = plain(right)
        if isinstance(number, bool) or not isinstance(number, int | float):
            _by_channels(sign, right, one.at, way)
        elif sign == "-":
            scalars["-"] = (float(number), one.at)
        elif number:
            _by_number(float(number) if sign == "/" else 1 / number, one.at, way, scalars)
    _by_scalars(scalars, way)


def pixels(images: Value | None, most: int = 300) -> Iterator[Thing]:
    """The library's calls that images came to be by, nearest first, back to where they were read; at most `most`."""
    waiting = [images] if images is not None else []
    seen: set[int] = set()
    while waiting and len(seen) < most:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Items):
            waiting += one.items
        elif isinstance(one, Table):
            waiting += one.pairs.values()
        elif isinstance(one, Either):
            waiting += one.options
        elif isinstance(one, Thing):
            yield one
            if one.name == "item" or one.short in READERS or _of_a_dataset(one):
                continue
            whole = one.name.startswith("[")
            parts = [one.base, *(() if whole else one.args), *(() if whole else one.kwargs.values())]
            waiting += [part for part in parts if part is not None]


def _of_a_dataset(one: Thing) -> bool:
    """Whether a value is an item of a dataset, not of an image."""
    base = one.base
    return one.name == "[]" and isinstance(base, Thing) and (base.short in SPLITS or base.short[:1].isupper())


def _operation(one: Thing) -> tuple[str, Value] | None:
    """("-", "/" or "*", its right side) of an arithmetic step."""
    sign = OPERATIONS.get(one.name)
    if sign is None:
        return None
    if one.name.startswith("."):
        return (sign, one.args[0]) if one.args else None
    if len(one.args) != 2:
        return None
    left, right = one.args
    if sign == "*":
        return (sign, left) if isinstance(left, Const) else (sign, right)
    return None if isinstance(left, Const) else (sign, right)  # 1 - share, as mixing images does


def _by_number(divided: float, at: Location, way: Pipeline, scalars: dict[str, tuple[float, Location]]) -> None:
    if 254 <= divided <= 256:
        way.scale(UNIT_STEP, "divide_by_255", at)
    elif 127 <= divided <= 128:
        way.scale(SYMMETRIC_STEP, "scale_to_symmetric", at)
    elif divided != 1:
        scalars["/"] = (divided, at)


def _by_scalars(scalars: dict[str, tuple[float, Location]], way: Pipeline) -> None:
    """(x - 0.5) / 0.5 is a normalisation by one number; -1 after a division by 127.5 is part of it."""
    minus, divided = scalars.get("-"), scalars.get("/")
    symmetric = any(step == SYMMETRIC_STEP for step, _ in way.scaling)
    if minus is not None and symmetric and minus[0] in (1.0, 127.5):
        minus = None
    if minus is not None and divided is not None and 0 < minus[0] < 1 and 0 < divided[0] <= 1:
        way.subtract((minus[0],) * 3, minus[1])
        way.divide((divided[0],) * 3, divided[1])
    elif minus is not None or divided is not None:
        at = (minus or divided or (0.0, way.at))[1]
        way.doubt(f"the arithmetic on the images (line {at.line if at else '?'}) comes to no usual scaling")


def _by_channels(sign: str, right: Value, at: Location, way: Pipeline) -> None:
    """Numbers for each channel, known or not."""
    told = channel_numbers(right)
    if sign == "-":
        way.subtract(told, at)
    elif sign == "/":
        way.divide(told, at)


def channel_numbers(value: Value | None) -> tuple[float, ...] | None:
    """The three numbers that a tensor was made of, one repeated; None where they are unknown."""
    for _ in range(12):
        told = numbers(value)
        if told is not None or value is None:
            return told
        if isinstance(value, Items) and len(value.items) == 1:
            value = value.items[0]
        elif isinstance(value, Items) and len(value.items) == 3:  # [[[r]], [[g]], [[b]]]
            each = [channel_numbers(item) for item in value.items]
            return tuple(n[0] for n in each if n) if all(n and len(set(n)) == 1 for n in each) else None
        elif isinstance(value, Thing) and value.short in SHAPING:
            value = value.base if value.name.startswith((".", "[")) else value.arg(0, "data", "object")
        else:
            return None
    return None
