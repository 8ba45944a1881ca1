"""Keras's files, .keras and .h5: a model whose layers are Keras's own, as a network of torch's interface.

A file that names anything else than Keras's own layers is refused before Keras reads it: safe_mode=True alone let code
through in some versions (CVE-2025-1550; CVE-2025-9905 for .h5).
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from diagnose.autopsy.unreadable import Unreadable, first_line

ENDINGS = (".keras", ".h5", ".hdf5")
HOLD_CODE = ("Lambda", "TorchModuleWrapper", "TFSMLayer", "FlaxLayer", "JaxLayer", "__lambda__")
SCALE = ("Rescaling", "Normalization")
IN_TORCHS_WORDS = {"moving_mean": "running_mean", "moving_variance": "running_var", "gamma": "weight"}


class KerasModel(nn.Module):
    """A model of Keras that takes (N, channels, H, W) and gives its outputs. side: px that it takes alone, 0 where it
    takes others; scales: whether its own layers bring pixels of 0..255 into their range."""

    def __init__(self, model: Any, to_numpy: Callable[[Any], Any]) -> None:
        super().__init__()
        self._to_numpy = to_numpy
        self._model = [model]  # in a list, since with Keras on torch it is a module itself
        shape = model.input_shape
        if not isinstance(shape, tuple) or len(shape) != 4:
            raise Unreadable(f"its input is {shape}, and not images of height, width and channels")
        self.side = shape[1] or 0
        self.channels = shape[3] or 3
        self.name = str(model.name)
        self.scales = any(type(layer).__name__ in SCALE for layer in model._flatten_layers())
        self.outputs = int(model.output_shape[-1])
        self.head = str(model.layers[-1].name)

    def forward(self, images: Tensor) -> Tensor:
        """Its outputs, as Keras computes them."""
        given = self._model[0](images.permute(0, 2, 3, 1).contiguous().cpu().numpy(), training=self.training)
        return given if isinstance(given, Tensor) else self._tensor(given)

    @property
    def state(self) -> dict[str, Tensor]:
        """Its weights, by names that end as torch's do."""
        found = {}
        for weight in self._model[0].weights:
            *above, last = weight.path.split("/")
            found[".".join((*above, IN_TORCHS_WORDS.get(last, last)))] = self._tensor(weight)
        return found

    def _tensor(self, value: Any) -> Tensor:
        return torch.from_numpy(np.array(self._to_numpy(value)))


def load(path: Path) -> KerasModel:
    """The model of a file. Raises Unreadable."""
    os.environ.setdefault("KERAS_BACKEND", "torch")  # the one that is there for certain
    try:
        import keras  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError:
        raise Unreadable("Keras, which reads it, isn't installed: pip install keras") from None
    for name, module in _objects(_configuration(path)):
        if name in HOLD_CODE or (module and module.split(".")[0] not in ("keras", "tf_keras")):
            raise Unreadable(
                f"it holds more than Keras's own layers ({name}), which only running code could load, so it was not"
            )
    try:
        return KerasModel(keras.models.load_model(path, compile=False, safe_mode=True), keras.ops.convert_to_numpy)
    except Unreadable:
        raise
    except Exception as fault:  # Keras raises many kinds for a file of another version or a class of one's own
        raise Unreadable(f"Keras can't load it ({first_line(fault)}): save it again with this version") from None


def _configuration(path: Path) -> Any:
    """What the file says of its layers."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                return json.loads(archive.read("config.json"))
        import h5py

        with h5py.File(path) as file:
            text = file.attrs.get("model_config")
    except ImportError:
        raise Unreadable("h5py, which reads it, isn't installed: pip install h5py") from None
    except Exception as fault:  # the libraries raise many kinds for a file that isn't one
        raise Unreadable(f"it can't be read ({first_line(fault)}): copy or save it again") from None
    if text is None:
        raise Unreadable("it holds weights alone, without the layers: save the whole model with model.save(FILE)")
    return json.loads(text)


def _objects(value: Any) -> Iterator[tuple[str, str]]:
    """Name and module of every object that a configuration holds."""
    if isinstance(value, dict):
        if "class_name" in value:
            yield str(value["class_name"]), str(value.get("module") or "")
        for item in value.values():
            yield from _objects(item)
    elif isinstance(value, list):
        for item in value:
            yield from _objects(item)
