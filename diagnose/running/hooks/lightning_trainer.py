"""Lightning's Trainer counts the batches of an epoch beforehand, so that it gets their number as a limit."""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

from diagnose.model.mistakes import WRONG_WAY
from diagnose.running import place
from diagnose.running.direction import wrong_way
from diagnose.running.recorder import Recorder

TRAINED, HELD_OUT = 6, 4  # batches of each pass


def install(recorder: Recorder, module: ModuleType) -> None:
    """Limits the batches of every Trainer, and the recorder's cuts to the same."""
    trainer = module.Trainer
    original = trainer.__init__
    asked: dict[int, Any] = {}  # limits of training batches, by trainer

    def init(one: Any, *args: Any, **kwargs: Any) -> None:
        recorder.fixed = (TRAINED, HELD_OUT)
        asked[id(one)] = kwargs.get("limit_train_batches")
        for name, most in (("train", TRAINED), ("val", HELD_OUT), ("test", HELD_OUT), ("predict", HELD_OUT)):
            if kwargs.get(f"limit_{name}_batches") != 0:
                kwargs[f"limit_{name}_batches"] = most
        if kwargs.get("val_check_interval") is not None:
            kwargs["val_check_interval"] = 1.0
        kwargs["log_every_n_steps"] = 1
        original(one, *args, **kwargs)
        recorder.planned = getattr(one, "max_epochs", None)
        for callback in getattr(one, "callbacks", ()):
            monitor, mode = getattr(callback, "monitor", None), getattr(callback, "mode", None)
            if isinstance(monitor, str) and mode in ("min", "max") and wrong_way(monitor, mode == "min"):
                recorder.mistake(WRONG_WAY, f"{type(callback).__name__}({monitor!r}, mode={mode!r})", place.here())
        batches = getattr(one, "accumulate_grad_batches", 1)
        if isinstance(batches, int) and batches > 1:
            recorder.asked_accumulation = (batches, place.here())

    trainer.__init__ = init
    counted = trainer.estimated_stepping_batches

    def estimated(one: Any) -> Any:
        """Steps of the whole training as the program asked for it: schedules take their length from them."""
        steps = counted.fget(one)
        try:
            whole, cut = len(one.train_dataloader), one.num_training_batches
        except (TypeError, AttributeError):
            return steps
        limit = asked.get(id(one))
        if isinstance(limit, int) and not isinstance(limit, bool):
            whole = min(whole, limit)
        elif isinstance(limit, float):
            whole = int(whole * limit)
        return math.ceil(steps * whole / cut) if cut and 0 < steps < math.inf else steps

    trainer.estimated_stepping_batches = property(estimated)
