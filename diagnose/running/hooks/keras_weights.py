"""Weights that are loaded into Keras' models, and published ones that cannot be downloaded."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from diagnose.model.run import Arrival
from diagnose.running import onimport, place
from diagnose.running.hooks.keras_layers import KerasNetworks, _size
from diagnose.running.hooks.keras_optimizers import array_of
from diagnose.running.recorder import NO_WEIGHTS, Recorder

ABSENT = "weights-that-were-not-downloaded.h5"


class KerasWeights:
    """Watches load_weights, load_model and the download of published weights."""

    def __init__(self, recorder: Recorder, keras: ModuleType, networks: KerasNetworks) -> None:
        self._recorder, self._keras, self._networks = recorder, keras, networks
        self.filled: set[int] = set()
        self.arrivals: list[tuple[Any, Arrival]] = []
        self._kept: list[Any] = []  # variables, so that no identity is given twice
        recorder.parts.append(self._part)

    def install(self) -> None:
        """Replaces what loads weights by what reports."""
        model, watch = self._keras.Model, self
        original, saved = model.load_weights, model.save_weights
        whole = model.save

        def load_weights(one: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
            if str(filepath).endswith(ABSENT):
                return None
            redirect = watch._recorder.redirect
            before = {id(v): array_of(v) for v in one.weights}
            done = original(one, redirect.to_read(filepath) if redirect else filepath, *args, **kwargs)
            watch._note(one, before, bool(kwargs.get("skip_mismatch")) or bool(kwargs.get("by_name")))
            return done

        def turned(save: Any) -> Any:
            def saving(one: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
                redirect = watch._recorder.redirect
                return save(one, redirect.to_write(filepath) if redirect else filepath, *args, **kwargs)

            return saving

        model.load_weights = load_weights
        model.save_weights, model.save = turned(saved), turned(whole)
        for module in (self._keras.models, self._keras.saving):
            module.load_model = self._loading(module.load_model)
        onimport.when("keras.src.utils.file_utils", self._downloads)

    def _loading(self, original: Any) -> Any:
        def load_model(filepath: Any, *args: Any, **kwargs: Any) -> Any:
            redirect = self._recorder.redirect
            model = original(redirect.to_read(filepath) if redirect else filepath, *args, **kwargs)
            self.filled |= {id(v) for v in model.weights}
            self._kept.append(model)
            return model

        return load_model

    def _downloads(self, module: ModuleType) -> None:
        original, recorder = module.get_file, self._recorder

        def get_file(fname: Any = None, origin: Any = None, *args: Any, **kwargs: Any) -> Any:
            try:
                return original(fname, origin, *args, **kwargs)
            except Exception:
                name = f"{fname or ''} {origin or ''}"
                if "weights" not in name and not name.strip().endswith((".h5", ".keras")):
                    raise
                recorder.substitute(NO_WEIGHTS)
                return ABSENT

        module.get_file = get_file

    def _note(self, model: Any, before: dict[int, np.ndarray], lenient: bool) -> None:
        changed = [v for v in model.weights if not np.array_equal(before[id(v)], array_of(v))]
        self.filled |= {id(v) for v in changed} if lenient else {id(v) for v in model.weights}
        total = sum(_size(v) for v in model.weights)
        share = sum(_size(v) for v in changed) / max(1, total)
        self._kept.append(model)
        where = place.here()
        if where is not None:
            self.arrivals.append((model, Arrival(len(model.weights), share, True, not lenient, location=where)))

    def share(self, model: Any) -> float:
        """Of a model's parameters, those that were loaded, 0..1."""
        total = sum(_size(v) for v in model.weights)
        return sum(_size(v) for v in model.weights if id(v) in self.filled) / max(1, total)

    def _part(self) -> dict[str, Any]:
        return {"arrivals": tuple(arrival for _, arrival in self.arrivals[:8])}
