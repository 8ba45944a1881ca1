"""Keras' optimizers: what they are given, what they change, at which learning rate."""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

import numpy as np

from diagnose.model.run import Clipping, SeenOptimizer, SeenStep
from diagnose.running import place
from diagnose.running.hooks.keras_layers import KerasNetworks, array
from diagnose.running.recorder import Recorder

MEASURED_STEPS = 6
LARGEST = 120_000_000  # parameters, above which no copy is kept
NAMES = {"momentum": "momentum", "weight_decay": "weight_decay", "epsilon": "eps", "rho": "rho"}


class KerasOptimizers:
    """Watches every optimizer step."""

    def __init__(self, recorder: Recorder, keras: ModuleType, networks: KerasNetworks) -> None:
        self._recorder, self._keras, self._networks = recorder, keras, networks
        self.course: list[SeenStep] = []
        self.without_gradient: set[int] = set()
        self.moved: set[int] = set()
        self.measured = False
        self.seen: dict[int, Any] = {}
        self.made: dict[int, Any] = {}
        self.first_rates: dict[int, float] = {}
        self._with: set[int] = set()
        self._lengths: list[float] = []
        recorder.parts.append(self._part)

    def install(self) -> None:
        """Replaces the making and the step of an optimizer by ones that report."""
        kind, watch = self._keras.optimizers.Optimizer, self
        made, applied = kind.__init__, kind.apply

        def init(one: Any, *args: Any, **kwargs: Any) -> None:
            watch.made.setdefault(id(one), place.here())
            made(one, *args, **kwargs)

        def apply(one: Any, grads: Any, trainable_variables: Any = None) -> Any:
            if watch._recorder.asleep:
                return applied(one, grads, trainable_variables)
            return watch._step(applied, one, grads, trainable_variables)

        kind.__init__, kind.apply = init, apply

    def _step(self, applied: Any, one: Any, grads: Any, variables: Any) -> Any:
        recorder = self._recorder
        grads = list(grads)
        held = list(variables) if variables is not None else list(getattr(one, "_trainable_variables", ()))
        recorder.trains()
        if self._networks.main is None and self._networks.last is not None:  # a loop of the program's own
            self._networks.main = self._networks.last
            self._networks.note_trainable(self._networks.main)
        self.seen[id(one)] = one
        rate = float(array_of(one.learning_rate))
        self.first_rates.setdefault(id(one), rate)
        gradients = [array(_dense(gradient)) for gradient in grads if gradient is not None]
        length = math.sqrt(sum(float(np.square(g, dtype=np.float64).sum()) for g in gradients if g is not None))
        self._lengths.append(length)
        for variable, gradient in zip(held, grads, strict=False):
            (self.without_gradient if gradient is None else self._with).add(id(variable))
        self.without_gradient -= self._with
        small = sum(int(np.prod(v.shape)) for v in held) <= LARGEST
        before = [array_of(v) for v in held] if small and len(self.course) < MEASURED_STEPS else []
        done = applied(one, grads, variables) if variables is not None else applied(one, grads)
        ratio = None
        if before:
            self.measured = True
            change = weight = 0.0
            for variable, old in zip(held, before, strict=True):
                moved = float(np.square(array_of(variable) - old, dtype=np.float64).sum())
                change, weight = change + moved, weight + float(np.square(old, dtype=np.float64).sum())
                if moved > 0:
                    self.moved.add(id(variable))
            ratio = math.sqrt(change / weight) if weight else None
        if len(self.course) < 400:
            self.course.append(SeenStep(recorder.epochs, type(one).__name__, (rate,), None, ratio, length))
        recorder.stepped()
        return done

    def loss_is(self, loss: float) -> None:
        """The loss of the last step."""
        if self.course:
            last = self.course[-1]
            self.course[-1] = SeenStep(last.epoch, last.optimizer, last.rates, loss, last.ratio, last.gradient)

    def _part(self) -> dict[str, Any]:
        if not self.course:
            return {}
        found, clipping = [], None
        for key, one in self.seen.items():
            options = tuple(
                (ours, float(value))
                for theirs, ours in NAMES.items()
                if isinstance(value := getattr(one, theirs, None), int | float) and not isinstance(value, bool)
            )
            passes = getattr(one, "gradient_accumulation_steps", None) or 1
            rate, where = self.first_rates[key], self.made.get(key)
            found.append(SeenOptimizer(type(one).__name__, options, rate, passes=passes, location=where))
            limit = getattr(one, "clipnorm", None) or getattr(one, "global_clipnorm", None)
            if limit:
                clipping = Clipping("norm", float(limit), float(np.median(self._lengths)), self.made.get(key))
        return {"optimizers": tuple(found), "course": tuple(self.course), "clipping": clipping}


def array_of(value: Any) -> np.ndarray:
    """The numbers of a variable, a tensor or a plain number."""
    value = getattr(value, "value", value) if not callable(getattr(value, "numpy", None)) else value
    if hasattr(value, "detach"):
        return np.array(value.detach().cpu())
    return np.array(value.numpy() if hasattr(value, "numpy") else value)


def _dense(gradient: Any) -> Any:
    return gradient.values if hasattr(gradient, "indices") and hasattr(gradient, "values") else gradient
