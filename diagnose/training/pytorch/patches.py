"""Networks that cut images into patches: the image sizes they expect, and those they get."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from diagnose.catalogue import architectures
from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import Call, Class, Event, Function, Instance, Thing, Value, plain
from diagnose.libraries import networks
from diagnose.model import PatchMisfit
from diagnose.training.fields import Fields
from diagnose.training.pytorch.network import Network
from diagnose.training.pytorch.parts import parts_of
from diagnose.training.pytorch.sessions import Session
from diagnose.training.pytorch.stem import resized_in

IMAGE = ("image_size", "img_size", "input_size", "im_size", "imgsize", "image_dim", "img_dim", "input_resolution")
PATCH = ("patch_size", "patch", "patchsize", "p_size", "patch_dim")
MAKERS = ("VisionTransformer", "ViT", "SimpleViT", "DeepViT", "CaiT", "DistillableViT", "PatchEmbed")
RAISING = ("torchvision", "vit_pytorch")  # libraries that reject images whose size the patch size doesn't divide
FIXED = ("ViT", "DeiT", "BEiT", "Swin")  # families whose timm networks take a single image size
FITTING = ("pad", "Pad", "ZeroPad2d", "interpolate", "Resize", "resize", "Upsample")  # in a class that resizes images
SIDES = {"vit_b_16": 224, "vit_b_32": 224, "vit_l_16": 224, "vit_l_32": 224}  # torchvision's, by default


def find_patch_misfits(
    reader: Reader, session: Session, network: Network | None, fields: Fields
) -> Iterator[PatchMisfit]:
    """Patch sizes that do not divide the image, and networks that expect another image size than they get."""
    if network is None:
        return
    ids = {id(part) for part in parts_of(network.root)}
    for event in reader.trace:
        made = event.result
        if id(made) in ids and (sizes := _sizes(event)) is not None:
            name, side, patch, at, own = sizes
            if side % patch:
                yield PatchMisfit(at.at, "patches", name, side, patch, _raises(made, own))
                return
    input_size = fields.settings.get("input_size")
    gets = input_size.value if input_size is not None and input_size.known else None
    if not isinstance(gets, int) or resized_in(reader, session, network):
        return
    wanted = _made_for(reader, network, ids)
    if wanted is not None and wanted[1] != gets:
        name, side, where, raises = wanted
        yield PatchMisfit(where.at, "size", name, side, gets, raises)


def _sizes(event: Event) -> tuple[str, int, int, Value, Class | None] | None:
    """(network, image side, patch side, the value to look at, the program's class) of the network a call made."""
    made = event.result
    if event.kind == "make" and isinstance(made, Instance):
        given = _bound(made.cls, Call(event.args, event.kwargs, event.at))
        own, name = made.cls, made.cls.name
    elif event.kind == "call" and isinstance(made, Thing) and made.short in MAKERS and made.package != "torch":
        given, own, name = dict(made.kwargs), None, made.short
    else:
        return None
    image = next((given[word] for word in IMAGE if word in given), None)
    patch = next((given[word] for word in PATCH if word in given), None)
    sides = _side(image), _side(patch)
    if patch is None or sides[0] is None or not sides[1]:
        return None
    near = patch if patch.at.file == event.at.file and patch.at.cell == event.at.cell else event.result
    return name, sides[0], sides[1], near, own


def _bound(cls: Class, call: Call) -> dict[str, Value]:
    """The arguments of a class's constructor by name, with its defaults."""
    start = cls.find("__init__")
    if not isinstance(start, Function):
        return dict(call.kwargs)
    names = [one.arg for one in (*start.node.args.posonlyargs, *start.node.args.args)][1:]
    return {**start.defaults, **dict(zip(names, call.args, strict=False)), **call.kwargs}


def _side(value: Value | None) -> int | None:
    """The side of a square in px; None for another shape or where it is unknown."""
    side = plain(value)
    if isinstance(side, list | tuple) and len(set(side)) == 1:
        side = side[0]
    return side if isinstance(side, int) and not isinstance(side, bool) and side > 0 else None


def _words(cls: Class) -> set[str]:
    """Every name in the bodies of a class and its bases in the program."""
    nodes = (node for own in cls.lineage() for node in ast.walk(own.node))
    return {getattr(node, "id", "") or getattr(node, "attr", "") for node in nodes}


def _cuts_positions(cls: Class) -> bool:
    """Whether a class slices its position embedding to the number of patches, and so accepts smaller images."""
    cuts = (node for own in cls.lineage() for node in ast.walk(own.node) if isinstance(node, ast.Subscript))
    return any(
        "pos" in getattr(node.value, "attr", "") and isinstance(node.slice, ast.Tuple | ast.Slice) for node in cuts
    )


def _raises(made: Value, own: Class | None) -> bool | None:
    """Whether a network raises for an image that its patches do not divide; None where unknown."""
    if own is None:
        return isinstance(made, Thing) and made.package in RAISING
    return False if "Conv2d" in _words(own) else None


def _made_for(reader: Reader, network: Network, ids: set[int]) -> tuple[str, int, Value, bool | None] | None:
    """(network, px, the value that shows it, whether it raises) of a network with a fixed image size."""
    body = network.body
    name = networks.architecture(body) if body is not None else None
    if body is not None and name is not None:
        given = next((body.kwargs[word] for word in IMAGE if word in body.kwargs), None)
        if body.package == "torchvision":
            side = _side(given) if given is not None else SIDES.get(name)
            return (name, side, given or body, True) if side and name.startswith("vit_") else None
        if body.package == "vit_pytorch":
            return None  # it also takes smaller images
        known = architectures.find(name)
        if body.package != "timm" or known is None or known.family not in FIXED:
            return None
        if any(word in body.kwargs for word in ("dynamic_img_size", "strict_img_size", "always_partition")):
            return None
        ending = re.search(r"_(\d{3})(?:$|[._])", name)
        side = _side(given) if given is not None else int(ending[1]) if ending else None
        return (name, side, given or body, True) if side else None
    classes = [part.cls for part in parts_of(network.root) if isinstance(part, Instance)]
    if any(_words(one).intersection(FITTING) or _cuts_positions(one) for one in classes):
        return None
    for event in reader.trace:
        if id(event.result) in ids and (sizes := _sizes(event)) is not None:
            label, side, _, near, _ = sizes
            return label, side, near, None
    return None
