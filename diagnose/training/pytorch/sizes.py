"""The image size set by the program's own code: cv2.resize, PIL's resize, interpolate."""

from __future__ import annotations

from diagnose.interpreter.values import Items, Thing, Value, plain
from diagnose.training.pytorch.arithmetic import SLICES, pixels
from diagnose.training.pytorch.steps import Pipeline

# The argument of functions that sets the image size.
SIZES = {"cv2.resize": (1, "dsize"), ".resize": (0, "size"), "torch.nn.functional.interpolate": (1, "size"),
         "skimage.transform.resize": (1, "output_shape"), "PIL.ImageOps.fit": (1, "size"),
         "torch.nn.functional.upsample": (1, "size")}  # fmt: skip
# Calls that change the size in ways that are not followed.
CUTTING = (".crop", ".thumbnail", ".rotate", "torch.nn.functional.pad", "numpy.pad", "cv2.copyMakeBorder",
           "PIL.ImageOps.expand", "PIL.ImageOps.pad", "PIL.ImageOps.crop")  # fmt: skip


def set_size(image: Value | None, way: Pipeline) -> None:
    """Set the side of the square, in px, of the program's last resize; unset it where the program crops."""
    for one in pixels(image):
        if one.name in CUTTING or (one.name in SLICES and _cuts(one)):
            way.size = None
            return
        if one.name in SIZES:
            given = one.arg(*SIZES[one.name])
            data = plain(given)
            sides = set(data) if isinstance(data, list | tuple) else {data}
            side = sides.pop() if len(sides) == 1 else None
            way.size = (side, given.at) if type(side) is int and given is not None else None
            return


def _cuts(part: Thing) -> bool:
    """Whether an index selects a region of an image, as opposed to a reversed axis or a channel."""
    keys = [item for key in part.args for item in (key.items if isinstance(key, Items) else (key,))]
    if part.name == "[:]":
        return any(plain(bound, 0) is not None for bound in keys[:2])
    slices = [key for key in keys if isinstance(key, Thing) and key.name == "slice"]
    return any(plain(bound, 0) is not None for key in slices for bound in key.args[:2])
