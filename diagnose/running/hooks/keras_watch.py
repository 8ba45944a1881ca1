"""A real training of Keras under watch: its first steps and its first validation are taken one by one, outside the
graph; then its own compiled functions go on."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from diagnose.model import InputError
from diagnose.model.run import HELD_OUT, TRAINING
from diagnose.running.hooks.keras_layers import KerasNetworks
from diagnose.running.hooks.keras_optimizers import KerasOptimizers
from diagnose.running.hooks.keras_training import Training
from diagnose.running.recorder import FeedSeen, Recorder


def holders(keras: ModuleType) -> list[Any]:
    """Classes whose attributes `KerasWatch` replaces."""
    return [keras.layers.Layer, keras.layers.BatchNormalization, keras.layers.Dropout, keras.optimizers.Optimizer]


class KerasWatch:
    """Stands for the functions that fit calls for each batch, as long as the recorder isn't asleep."""

    def __init__(self, recorder: Recorder, keras: ModuleType, model: Any) -> None:
        if keras.backend.backend() not in ("tensorflow", "torch"):
            raise InputError(
                f"Keras on {keras.backend.backend()} cannot be watched: its steps are compiled as a whole."
            )
        if getattr(model, "steps_per_execution", 1) != 1:
            raise InputError("A training with steps_per_execution cannot be watched: leave that option out.")
        recorder.framework = "keras"
        self._recorder, self._model = recorder, model
        networks = self._networks = KerasNetworks(recorder, keras)
        networks.install()
        networks.looking = False
        optimizers = KerasOptimizers(recorder, keras, networks)
        optimizers.install()
        self._training = Training(recorder, keras, networks)
        self._training.begins_with(model)
        recorder.loss_listeners.append(optimizers.loss_is)
        recorder.parts.append(lambda: networks.part(optimizers, None))
        self._feeds = [
            recorder.feed((id(model), part), lambda: FeedSeen(model, model, "what fit was given", None))
            for part in (TRAINING, HELD_OUT)
        ]
        self._training.feeds = self._feeds
        self._own = model.train_function, model.test_function
        model.train_function = self._in_turn(0, self._training.train)
        model.test_function = self._in_turn(1, self._training.test)

    def _in_turn(self, number: int, watched: Any) -> Any:
        def function(given: Any) -> Any:
            if number == 0 and self._recorder.asleep:
                self._model.train_function = self._own[0]
                return self._own[0](given)
            self._networks.looking = True
            try:
                return watched(self._model, given)
            finally:
                self._networks.looking = False

        return function

    def pass_begins(self, part: str) -> None:
        """fit begins an epoch, or its validation."""
        self._training.begin_pass(self._feeds[0 if part == TRAINING else 1])

    def pass_ends(self) -> None:
        """The epoch's last batch, or that of its validation, is over."""
        self._recorder.finish_pass()

    def remove(self) -> None:
        """Gives fit its own functions back."""
        self._model.train_function, self._model.test_function = self._own
