"""A network that the tensors of a checkpoint fit: its architecture, with the head, stem and widths that they show."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import isqrt
from typing import Any

import torch
from torch import Tensor, nn

from diagnose.autopsy.keras_models import KerasModel
from diagnose.autopsy.naming import COUNTER, below_prefixes, candidates, is_numbered_resnet, renamed
from diagnose.model import InputError
from diagnose.model.checkpoint import Tensors
from diagnose.probing.architectures import canonical, source
from diagnose.probing.libraries.source import Source
from diagnose.probing.weights import heads_of

MOST_BUILT = 6  # architectures of the same tensors' names that are compared
HEAD = "head of the checkpoint"
POSITIONS = ("encoder.pos_embedding", "pos_embed")
PATCHES = ("conv_proj.weight", "patch_embed.proj.weight")
NAMED = 20  # tensors of a kind that are listed
ONE_SIDE = ("vit", "swin")  # in names of architectures that take images of one side alone
LARGE_STEM, SMALL_STEM = 7, 3  # px of a ResNet's first kernel, and of the one that replaces it for small images
ALMOST = 0.9  # of the body's tensors, that have to fit for an architecture to be named by names alone

State = dict[str, Tensor]


@dataclass
class Assembled:
    """A network with the checkpoint's weights. prefix: that was taken off; notes: what was assumed to build it."""

    model: nn.Module
    arch: str
    tensors: Tensors
    prefix: str
    notes: tuple[str, ...] = ()
    native: int = 224
    channels: int = 3
    one_side: bool = False  # whether it takes images of that side alone


def fitting(own: State, state: State) -> State:
    """The tensors that have a name and the shape of the network's own."""
    return {key: value for key, value in state.items() if key in own and own[key].shape == value.shape}


def views(state: State) -> list[tuple[str, State]]:
    """The state dict below each prefix that may hold the network, with that prefix."""
    found = []
    for prefix in below_prefixes(state):
        below = {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
        if is_numbered_resnet(below):
            found.append((prefix, {renamed(key): value for key, value in below.items()}))
        found.append((prefix, below))
    return found


def named(state: State) -> tuple[str, bool] | None:
    """The architecture whose tensors these are, and whether all shapes of its body are its own; None where unknown."""
    best: tuple[float, str, bool] | None = None
    for _, view in views(state):
        archs, by_shape = candidates({key: tuple(value.shape) for key, value in view.items()})
        for arch in archs[:MOST_BUILT]:
            share = _share_fitting(arch, view)
            if share is not None and share >= ALMOST and (best is None or share > best[0]):
                best = (share, arch, by_shape)
        if best is not None and best[2]:
            break
    return best[1:] if best else None


def _share_fitting(arch: str, state: State) -> float | None:
    """Of the architecture's tensors, but for its head's, how many the state dict holds in the same shape."""
    try:
        by = source(arch)
        with torch.device("meta"):
            own = by.model(arch, 2, None).state_dict()
    except NotImplementedError:
        own = by.model(arch, 2, None).state_dict()
    except Exception:  # a library of another version
        return None
    body = [key for key in own if not key.endswith(COUNTER) and own[key].dim() > 1]
    return float(sum(key in state and state[key].shape == own[key].shape for key in body) / max(1, len(body)))


def assemble(arch: str, state: State, extra: State | None = None) -> Assembled:
    """The architecture with the weights. Raises InputError where fewer than half of its tensors are in the file."""
    name = canonical(arch)
    by = source(name)
    options = [(prefix, view) for prefix, view in views(state)]
    prefix, view = max(options, key=lambda one: _overlap(by, name, one[1]))
    outside = {key: value for key, value in state.items() if not key.startswith(prefix)} if prefix else {}
    side = _side(view)
    made = _made(by, name, side)
    notes: list[str] = []
    view = _with_head(made, view, outside, notes)
    _adapt(made, view, notes)
    return _loaded(made, name, view, prefix, notes, side or by.native(name))


def given(model: nn.Module, state: State, source_name: str) -> Assembled:
    """A network that the person's own code made, with the weights."""
    own = model.state_dict()
    prefix, view = max(views(state), key=lambda one: sum(key in own for key in one[1]))
    return _loaded(model, source_name, view, prefix, [], 224)


def of_keras(model: KerasModel) -> Assembled:
    """A whole network that Keras read from its file."""
    tensors = Tensors(head=model.head, outputs=model.outputs)
    return Assembled(model.eval(), model.name, tensors, "", (), model.side or 224, model.channels, bool(model.side))


def _made(by: Source, arch: str, side: int | None) -> nn.Module:
    return by.model(arch, 2, side)


def _overlap(by: Source, arch: str, state: State) -> int:
    own = _names(by, arch)
    return sum(key in own for key in state)


_CACHE: dict[str, frozenset[str]] = {}


def _names(by: Source, arch: str) -> frozenset[str]:
    if arch not in _CACHE:
        try:
            with torch.device("meta"):
                _CACHE[arch] = frozenset(by.model(arch, 2, None).state_dict())
        except NotImplementedError:
            _CACHE[arch] = frozenset(by.model(arch, 2, None).state_dict())
    return _CACHE[arch]


def _side(state: State) -> int | None:
    """The side in px that position embeddings were made for; None without any."""
    positions = next((state[key] for key in POSITIONS if key in state), None)
    patch = next((state[key].shape[-1] for key in PATCHES if key in state and state[key].dim() == 4), None)
    if positions is None or patch is None or positions.dim() != 3:
        return None
    for tokens in (1, 0, 2):
        places = positions.shape[1] - tokens
        if places > 0 and isqrt(places) ** 2 == places:
            return isqrt(places) * patch
    return None


def _with_head(model: nn.Module, state: State, outside: State, notes: list[str]) -> State:
    """Puts the checkpoint's own head into the model where it isn't the architecture's; the state dict in its names."""
    head = heads_of(model)[0]
    if f"{head}.weight" in state:
        return state
    first = head.split(".")[0]
    below = {key: value for key, value in state.items() if key.split(".")[0] == first}
    if below:
        made, words = _sequence({key.removeprefix(f"{first}.") if "." in key else key: v for key, v in below.items()})
        if made is not None:
            setattr(model, first, made)
            notes += words
        return state
    weights = {key: value for key, value in outside.items() if value.is_floating_point()}
    if not weights:
        return state
    top = {key.split(".")[0] for key in weights}
    if len(top) != 1:
        return state
    (name,) = top
    made, words = _sequence({key.removeprefix(f"{name}."): value for key, value in weights.items()})
    if made is None:
        return state
    model.set_submodule(head, made)
    notes += words
    return {**state, **{f"{head}.{key.removeprefix(f'{name}.')}": value for key, value in weights.items()}}


def _sequence(state: State) -> tuple[nn.Module | None, list[str]]:
    """A linear layer, or a sequence of them with batch norms, from its tensors; ReLU is assumed between them."""
    if set(state) <= {"weight", "bias"} and "weight" in state and state["weight"].dim() == 2:
        return _linear(state["weight"], "bias" in state), []
    parts: dict[int, nn.Module] = {}
    linear = 0
    for key, value in state.items():
        number, _, kind = key.partition(".")
        if not number.isdigit() or "." in kind:
            return None, []
        if kind == "weight" and value.dim() == 2:
            parts[int(number)] = _linear(value, f"{number}.bias" in state)
            linear += 1
        elif kind == "weight" and value.dim() == 1:
            batch = f"{number}.running_mean" in state
            parts[int(number)] = nn.BatchNorm1d(len(value)) if batch else nn.LayerNorm(len(value))
    if not linear:
        return None, []
    filled: list[nn.Module] = []
    free = False
    for place in range(max(parts) + 1):
        if place in parts:
            filled.append(parts[place])
            free = True
        else:
            filled.append(nn.ReLU() if free else nn.Identity())
            free = False
    if not isinstance(filled[0], nn.Linear | nn.BatchNorm1d | nn.LayerNorm) and 0 not in parts:
        filled[0] = nn.Identity()
    words = ["ReLU was assumed between the layers of the head"] if linear > 1 else []
    return nn.Sequential(*filled), words


def _linear(weight: Tensor, bias: bool) -> nn.Linear:
    return nn.Linear(weight.shape[1], weight.shape[0], bias=bias)


def _adapt(model: nn.Module, state: State, notes: list[str]) -> None:
    """Gives layers the widths and kernels that the tensors have."""
    for name, module in list(model.named_modules()):
        weight = state.get(f"{name}.weight")
        if weight is None:
            continue
        bias = f"{name}.bias" in state
        if isinstance(module, nn.Conv2d) and weight.dim() == 4 and (
            module.weight.shape != weight.shape or (module.bias is not None) != bias
        ):  # fmt: skip
            model.set_submodule(name, _convolution(module, weight, bias))
            if module.kernel_size[0] == LARGE_STEM and weight.shape[-1] == SMALL_STEM:
                if isinstance(getattr(model, "maxpool", None), nn.Module):
                    model.set_submodule("maxpool", nn.Identity())
                notes.append(f"{name} is {SMALL_STEM}x{SMALL_STEM}: a stride of 1 and no max pooling were assumed")
        elif isinstance(module, nn.Linear) and weight.dim() == 2 and (
            module.weight.shape != weight.shape or (module.bias is not None) != bias
        ):  # fmt: skip
            model.set_submodule(name, _linear(weight, bias))
        elif isinstance(module, nn.BatchNorm2d) and module.num_features != len(weight):
            model.set_submodule(name, nn.BatchNorm2d(len(weight), module.eps, module.momentum))


def _convolution(module: nn.Conv2d, weight: Tensor, bias: bool) -> nn.Conv2d:
    high, wide = (int(side) for side in weight.shape[2:])
    same = (high, wide) == module.kernel_size
    small = module.kernel_size[0] == LARGE_STEM and high == SMALL_STEM
    options: dict[str, Any] = {
        "stride": 1 if small else module.stride,
        "padding": module.padding if same else (high // 2, wide // 2),
        "groups": module.groups,
        "bias": bias,
    }
    return nn.Conv2d(weight.shape[1] * module.groups, weight.shape[0], (high, wide), **options)


def _loaded(model: nn.Module, arch: str, state: State, prefix: str, notes: list[str], native: int) -> Assembled:
    own = model.state_dict()
    missing = [key for key in own if key not in state and not key.endswith(COUNTER)]
    misshapen = [key for key in own if key in state and state[key].shape != own[key].shape]
    extra = [key for key in state if key not in own and not re.search(rf"{COUNTER}$|^n_averaged$", key)]
    body = [key for key in own if not key.endswith(COUNTER)]
    if len(missing) + len(misshapen) > len(body) / 2:
        raise InputError(f"{len(body) - len(missing) - len(misshapen)} of the {len(body)} tensors of {arch} are in it")
    model.load_state_dict(fitting(own, state), strict=False)
    try:
        head = heads_of(model)[-1]
    except InputError:
        head = ""
    last = model.get_submodule(head) if head else None
    if isinstance(last, nn.Sequential):
        last = next((layer for layer in reversed(list(last)) if isinstance(layer, nn.Linear)), None)
    outputs = int(last.weight.shape[0]) if isinstance(last, nn.Linear | nn.Conv2d) else None
    first = next((layer for layer in model.modules() if isinstance(layer, nn.Conv2d)), None)
    tensors = Tensors(
        missing=tuple(missing[:NAMED]),
        extra=tuple(extra[:NAMED]),
        misshapen=tuple(f"{key} {tuple(state[key].shape)} for {tuple(own[key].shape)}" for key in misshapen[:NAMED]),
        head=head,
        outputs=outputs,
    )
    channels = first.in_channels if first is not None else 3
    one_side = any(word in arch for word in ONE_SIDE)
    return Assembled(model.eval(), arch, tensors, prefix, tuple(notes), native, channels, one_side)


def with_values(tensors: Tensors, state: State) -> Tensors:
    """The same with what the values show: not finite, constant, as they were made."""
    floats = {key: value for key, value in state.items() if value.is_floating_point() and value.numel()}
    broken = [key for key, value in floats.items() if not bool(torch.isfinite(value).all())]
    flat = [key for key, value in floats.items() if value.dim() >= 2 and value.numel() > 1 and key not in broken
            and float(value.min()) == float(value.max())]  # fmt: skip
    norms = [key.removesuffix("running_mean") for key in floats if key.endswith("running_mean")]
    fresh = [name.rstrip(".") for name in norms if _as_made(floats, name)]
    return replace(
        tensors,
        count=len(state),
        parameters=sum(
            value.numel() for key, value in floats.items() if not key.endswith(("running_mean", "running_var"))
        ),
        not_finite=tuple(broken[:NAMED]),
        constant=tuple(flat[:NAMED]),
        untrained=tuple(fresh),
        norms=len(norms),
    )


def _as_made(state: State, norm: str) -> bool:
    """Whether a batch norm's statistics are those of a new one: mean 0, variance 1."""
    mean, variance = state[f"{norm}running_mean"], state.get(f"{norm}running_var")
    return variance is not None and bool((mean == 0).all()) and bool((variance == 1).all())
