"""Whether an image is an array of floats or of integers, which decides whether ToTensor and the like divide by 255."""

from __future__ import annotations

from diagnose.interpreter.values import Const, Either, Ref, Thing, Value
from diagnose.model import Location
from diagnose.training.pytorch.arithmetic import OPERATIONS

FLOATS = ("float", "float16", "float32", "float64", "half", "double", "single", "float_")
WHOLE = ("uint8", "int", "int32", "int64", "byte", "long")
MAKERS = ("numpy.array", "numpy.asarray", "numpy.ascontiguousarray", "numpy.asanyarray")
PICTURES = ("fromarray", "open", "imread", "ToPILImage", "to_pil_image", "read_image", "convert")
# Calls that keep the type: functions of their first argument, and methods.
KEEPING = ("resize", "cvtColor", "transpose", "flip", "fliplr", "flipud", "rot90", "expand_dims", "squeeze", "stack",
           "repeat", "moveaxis", "rollaxis", "ascontiguousarray", "copy", "reshape", "rotate", "warpAffine", "pad",
           "clip", "swapaxes", "GaussianBlur", "[]", "[:]", "concatenate", "copyMakeBorder")  # fmt: skip


def is_float_type(value: Value | None) -> bool:
    """Whether a value is a type of floats, such as np.float32, torch.float or "float32"."""
    return _type_name(value) in FLOATS


def floats_in(image: Value | None) -> tuple[bool, Location] | None:
    """(Whether an image is an array of floats, where that was decided); None where the program does not say."""
    return _floats(image, {})


def _floats(image: Value | None, found: dict[int, tuple[bool, Location] | None]) -> tuple[bool, Location] | None:
    """See `floats_in`. found: results for the alternatives so far, by id."""
    for _ in range(25):
        if isinstance(image, Either):
            if id(image) not in found:
                found[id(image)] = None
                ways = [_floats(option, found) for option in image.options]
                kinds = {way[0] if way else None for way in ways}
                found[id(image)] = ways[0] if len(kinds) == 1 else None
            return found[id(image)]
        if not isinstance(image, Thing):
            return None
        if image.short in ("astype", "type") and image.args:
            return _by_type(image.args[0], image.at)
        if image.name in MAKERS:
            if (dtype := image.arg(1, "dtype")) is not None:
                return _by_type(dtype, image.at)
            image = image.arg(0, "object", "a")
        elif image.package == "numpy" and image.short in FLOATS:
            return True, image.at
        elif image.package == "numpy" and image.short in WHOLE:
            return False, image.at
        elif OPERATIONS.get(image.name) == "/":
            return True, image.at
        elif image.short in PICTURES:
            return False, image.at
        elif image.short in KEEPING or image.name in OPERATIONS:
            image = image.base if image.base is not None else image.arg(0)
        else:
            return None
    return None


def _by_type(dtype: Value, at: Location) -> tuple[bool, Location] | None:
    name = _type_name(dtype)
    return (True, at) if name in FLOATS else (False, at) if name in WHOLE else None


def _type_name(value: Value | None) -> str:
    if isinstance(value, Const):
        return str(value.data)
    return value.name.rpartition(".")[2] if isinstance(value, Ref) else ""
