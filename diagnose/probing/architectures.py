"""Which architectures can be built here, by which library, and at which image size.

A name that torchvision and timm both know is torchvision's, unless it says timm (timm/resnet50, resnet50.a1_in1k).
"""

from __future__ import annotations

import difflib
import re
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from diagnose.catalogue.architectures import without_hub
from diagnose.model import InputError
from diagnose.probing.extras import INSTALL_TIMM, has_timm
from diagnose.probing.libraries.source import Source
from diagnose.probing.libraries.substitute import Substitute
from diagnose.probing.libraries.timm import OWNER, Timm
from diagnose.probing.libraries.torchvision import Torchvision

TORCHVISION, TIMM = Torchvision(), Timm()
SOURCES: tuple[Source, ...] = (Substitute(), TORCHVISION, TIMM)
# Sides in px that architectures take multiples of: a stride of 32 in most, patches of 14 px in some transformers.
STRIDE, PATCH = 32, 14
# Convolutions and a mean over all places, in torchvision and the substitute: they take any side of a stride or more.
ANY_SIDE = re.compile(r"(wide_)?resne[x]?t\d|densenet|efficientnet_(b|v2|lite)|mobilenet_v|shufflenet|mnasnet|regnet_")


def canonical(arch: str) -> str:
    """The name by which the probes know an architecture: in lower case, without the prefix of timm's hub, and with
    `timm/` only where torchvision has one of the same name."""
    name = without_hub(arch).lower()
    plain = name.removeprefix(OWNER)
    return name if TORCHVISION.knows(plain) else plain


def source_of(arch: str) -> Source | None:
    """The library that builds an architecture of this canonical name; None where none that is installed does."""
    return next((source for source in SOURCES if source.knows(arch)), None)


def known(arch: str | None) -> bool:
    """Whether an architecture can be built here, by whatever name a person or a program gives it."""
    return arch is not None and source_of(canonical(arch)) is not None


def why_unknown(arch: str) -> str:
    """Why an architecture can't be built here, in half a sentence that names the nearest or what to install."""
    plain = canonical(arch).removeprefix(OWNER)
    if not has_timm():
        return f"{arch} isn't a torchvision model, and timm, which may have it, isn't installed ({INSTALL_TIMM})"
    names = [*TORCHVISION.names(), *TIMM.names()]
    near = difflib.get_close_matches(plain, names, n=1, cutoff=0.8)
    return f"{arch} is neither a torchvision nor a timm model" + (f" (did you mean {near[0]}?)" if near else "")


def source(arch: str) -> Source:
    """The library that builds an architecture. Raises InputError where none that is installed does."""
    found = source_of(arch)
    if found is None:
        raise InputError(f"{why_unknown(arch)}: --arch takes names such as resnet50 and vit_base_patch16_224.")
    return found


def choose(wanted: str, otherwise: str, size: int) -> tuple[str, str]:
    """The architecture that is trained on images of `size` px: the one that is wanted, else the other, by its canonical
    name; and a sentence where that isn't what was wanted, "" where it is.

    Raises InputError where neither can be built.
    """
    why = ""
    for arch in (wanted, otherwise):
        name = canonical(arch)
        if source_of(name) is None:
            why = why or why_unknown(arch)
            continue
        side = trained_side(name, size)
        if side is None:
            why = why or f"{arch} takes images neither of {size} nor of {source(name).native(name)} px"
            continue
        if why:
            return name, f"{why}, so {name} was trained in its place"
        if side != size:
            return name, f"{name} takes no images of {size} px, so they are enlarged to {side} px for it"
        return name, ""
    raise InputError(f"{why}: --arch takes names such as resnet50 and vit_base_patch16_224.")


@cache
def trained_side(arch: str, size: int) -> int | None:
    """The side in px at which an architecture is given images of `size` px: the same where its forward pass takes them,
    else the next larger one that it does take, at most that of its weights; None where it takes none of these.

    Families that take any are known; others are tried on tensors without storage (the meta device), which costs up to a
    second.
    """
    by = source(arch)
    if by is not TIMM and size >= STRIDE and ANY_SIDE.match(arch):
        return size
    native = by.native(arch)
    larger = {step * (size // step + 1) for step in (STRIDE, PATCH)} | {2 * size}
    sides = [size, *sorted(side for side in larger if side < native), *([native] if native > size else [])]
    return next((side for side in sides if _takes(by, arch, side)), None)


def _takes(by: Source, arch: str, side: int) -> bool:
    try:
        with torch.device("meta"), torch.no_grad():
            by.model(arch, 2, side).train()(torch.empty(2, 3, side, side))
    except NotImplementedError:
        return True  # it can't be tried without storage, as torchvision's RegNets can't
    except Exception:  # whatever a library raises for a size that doesn't fit: assertions, shapes, options
        return False
    return True


def enlarged(model: nn.Module, side: int) -> None:
    """Make the model enlarge its images (N, 3, H, W) to `side` px before its first layer."""

    def enlarge(module: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return (interpolate(given[0], size=(side, side), mode="bilinear", align_corners=False), *given[1:])

    model.register_forward_pre_hook(enlarge)
