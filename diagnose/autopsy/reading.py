"""A checkpoint's file: its state dicts, class names and settings. Tensors alone are unpickled; nothing is executed."""

from __future__ import annotations

import argparse
import pathlib
import pickle
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from diagnose.autopsy import keras_models
from diagnose.autopsy.unreadable import Unreadable, first_line

DEEPEST = 3  # dicts within dicts that are searched for a state dict
MOST_SAID = 12  # settings that a report lists
NOT_WEIGHTS = re.compile(r"optim|sched|scaler|loop|callback|criterion|loss|amp|rng|sampler", re.I)
AVERAGED = re.compile(r"(^|[._/])(ema|swa|shadow|averag\w*|ema_model|model_ema|polyak)([._/]|$)|_ema$|ema_", re.I)
CLASS_KEYS = ("class_to_idx", "classes", "class_names", "categories", "labels", "label_names", "idx_to_class")
SETTING_KEYS = ("hyper_parameters", "hparams", "args", "config", "cfg", "opt", "hyperparameters", "settings")
ACCURACY = re.compile(r"(^|_)(acc|accuracy|top_?1|acc_?1|accuracy_top1)$", re.I)
OF_TRAINING = re.compile("train|err|thres", re.I)
NEEDED = re.compile(r"GLOBAL ([\w.]+)|Unsupported (?:class|global:?) ?(?:GLOBAL )?([\w.]+)|type ([\w.]+)")


class Attributes(dict[str, Any]):
    """Takes the place of a dict with attributes, such as Lightning's, which is not imported."""


# Harmless values that checkpoints hold beside tensors. The first of each pair is what is made in place of the name.
HARMLESS: list[Any] = [
    argparse.Namespace,
    (Attributes, "lightning.fabric.utilities.data.AttributeDict"),
    (Attributes, "pytorch_lightning.utilities.parsing.AttributeDict"),
    (Attributes, "lightning_fabric.utilities.data.AttributeDict"),
    (Attributes, "lightning.pytorch.utilities.parsing.AttributeDict"),
    (pathlib.PurePosixPath, "pathlib.PosixPath"),
    (pathlib.PurePosixPath, "pathlib._local.PosixPath"),
    (pathlib.PureWindowsPath, "pathlib.WindowsPath"),
    np.dtype,
    np.ndarray,
    np._core.multiarray.scalar,  # type: ignore[attr-defined]
]


@dataclass
class Contents:
    """What a file holds. state: its weights; average: their moving average; the names as they stand in the file.
    stated: the accuracy (0..1) that it says it had; model: the whole network, of a file of Keras."""

    state: dict[str, Tensor]
    average: dict[str, Tensor] = field(default_factory=dict)
    average_at: str = ""
    place: str = ""
    classes: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    stated: float | None = None
    model: keras_models.KerasModel | None = None


def read(path: Path) -> Contents:
    """The contents of a checkpoint. Raises Unreadable."""
    if path.suffix == ".safetensors":
        return Contents(*_safetensors(path))
    if path.suffix in keras_models.ENDINGS:
        model = keras_models.load(path)
        return Contents(model.state, model=model)
    loaded = _unpickled(path)
    if isinstance(loaded, Tensor) or not isinstance(loaded, Mapping):
        raise Unreadable(f"it holds a {type(loaded).__name__}, not a state dict: save model.state_dict()")
    found = list(_states(loaded, ()))
    if not found:
        raise Unreadable("it holds no state dict: save one with torch.save(model.state_dict(), FILE)")
    raw = [one for one in found if not AVERAGED.search(".".join(one[0]))]
    averages = [one for one in found if AVERAGED.search(".".join(one[0]))]
    place, state = max(raw or averages, key=lambda one: len(one[1]))
    state, average, average_at = _split(state)
    if not average and raw and averages:
        where, average = max(averages, key=lambda one: len(one[1]))
        average_at = ".".join(where)
    return Contents(
        state, average, average_at, ".".join(place), class_names(loaded), _settings(loaded), _stated(loaded)
    )


def _safetensors(path: Path) -> tuple[dict[str, Tensor]]:
    try:
        from safetensors.torch import load_file
    except ImportError:
        raise Unreadable("safetensors, which reads it, isn't installed: pip install safetensors") from None
    try:
        return (load_file(path),)
    except Exception as fault:  # the library raises many kinds for a file that isn't one
        raise Unreadable(f"it can't be read ({first_line(fault)}): save it again") from None


def _unpickled(path: Path) -> Any:
    try:
        with torch.serialization.safe_globals(HARMLESS):
            return torch.load(path, "cpu", weights_only=True)
    except pickle.UnpicklingError as fault:
        if (needed := NEEDED.search(str(fault))) and (name := next(filter(None, needed.groups()), "")):
            raise Unreadable(
                f"it holds more than tensors ({name}), which only running code could load, so it was not: save "
                "model.state_dict() in place of the whole object"
            ) from None
        raise Unreadable(f"it can't be unpickled ({first_line(fault)}): save it again") from None
    except Exception as fault:  # torch raises many kinds for a file that isn't one
        if _is_script(path):
            raise Unreadable("it is a TorchScript archive, which holds code: save model.state_dict()") from None
        raise Unreadable(
            f"it can't be read ({first_line(fault)}): it may be cut short; copy or save it again"
        ) from None


def _is_script(path: Path) -> bool:
    """Whether it is an archive of TorchScript."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith("constants.pkl") for name in archive.namelist())
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return False


def _states(value: Mapping[Any, Any], place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict[str, Tensor]]]:
    """Every dict of named tensors in a nested one, with the keys that lead to it."""
    tensors = {key: item for key, item in value.items() if isinstance(key, str) and isinstance(item, Tensor)}
    if tensors and len(tensors) >= len(value) / 2 and any(item.dim() >= 2 for item in tensors.values()):
        yield place, tensors
        return
    if len(place) >= DEEPEST:
        return
    for key, item in value.items():
        if isinstance(item, Mapping) and isinstance(key, str) and not NOT_WEIGHTS.search(key):
            yield from _states(item, (*place, key))


def _split(state: dict[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Tensor], str]:
    """A state dict whose names hold both weights and their average, apart."""
    averaged = {key: value for key, value in state.items() if AVERAGED.search(key.split(".")[0])}
    rest = {key: value for key, value in state.items() if key not in averaged}
    if not averaged or len(rest) < len(averaged) / 2:
        return state, {}, ""
    return rest, averaged, next(iter(averaged)).split(".")[0]


def class_names(loaded: Mapping[Any, Any], depth: int = 0) -> tuple[str, ...]:
    """The class names that a checkpoint holds, in the order of their numbers; empty where it holds none."""
    for key in CLASS_KEYS:
        value = loaded.get(key)
        if isinstance(value, Mapping) and value:
            pairs = list(value.items())
            if all(isinstance(number, int) for _, number in pairs):
                pairs.sort(key=lambda pair: pair[1])
                return tuple(str(name) for name, _ in pairs)
            if all(isinstance(number, int) for number, _ in pairs):
                return tuple(str(name) for _, name in sorted(pairs))
        if isinstance(value, list | tuple) and len(value) > 1 and all(isinstance(one, str) for one in value):
            return tuple(value)
    for value in loaded.values() if depth < DEEPEST else ():
        if isinstance(value, argparse.Namespace):
            value = vars(value)
        plain = isinstance(value, Mapping) and not any(isinstance(item, Tensor) for item in value.values())
        if plain and (found := class_names(value, depth + 1)):
            return found
    return ()


def _settings(loaded: Mapping[Any, Any]) -> dict[str, Any]:
    """Plain settings that the file holds, such as hyperparameters, epoch and score."""
    found: dict[str, Any] = {}
    for key in SETTING_KEYS:
        value = loaded.get(key)
        value = vars(value) if isinstance(value, argparse.Namespace) else value
        for name, item in value.items() if isinstance(value, Mapping) else ():
            if isinstance(name, str) and isinstance(item, bool | int | float | str):
                found.setdefault(name, item)
    for name, item in loaded.items():
        if isinstance(name, str) and isinstance(item, bool | int | float | str):
            found.setdefault(name, item)
    return found


def _stated(loaded: Mapping[Any, Any]) -> float | None:
    """The accuracy on held-out images that a file says its weights had, 0..1; the best where it says several."""
    found = []
    for name, value in _scores(loaded):
        if ACCURACY.search(name) and not OF_TRAINING.search(name) and 0 < value <= 100:
            found.append(value if value <= 1 else value / 100)
    return max(found, default=None)


def _scores(loaded: Mapping[Any, Any], depth: int = 0) -> Iterator[tuple[str, float]]:
    """Every number that has a name, and what Lightning's callback monitors."""
    for name, value in loaded.items():
        if isinstance(value, Mapping) and depth < DEEPEST:
            if isinstance(monitored := value.get("monitor"), str):
                score = value.get("best_model_score")
                if isinstance(score, float | Tensor):
                    yield monitored, float(score)
            yield from _scores(value, depth + 1)
        elif isinstance(name, str) and (isinstance(value, float) or (isinstance(value, Tensor) and not value.dim())):
            yield name, float(value)
