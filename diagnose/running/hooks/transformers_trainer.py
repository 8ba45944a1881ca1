"""Hugging Face's Trainer: how many epochs it was asked for, and how many batches for one step."""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

from diagnose.running import place
from diagnose.running.recorder import Recorder


def install(recorder: Recorder, module: ModuleType) -> None:
    """Notes what every training is asked for as it begins."""
    kind = module.Trainer
    original = kind.train

    def train(one: Any, *args: Any, **kwargs: Any) -> Any:
        asked = one.args
        if getattr(asked, "max_steps", -1) <= 0:
            recorder.planned = math.ceil(asked.num_train_epochs)
        if asked.gradient_accumulation_steps > 1:
            recorder.asked_accumulation = (asked.gradient_accumulation_steps, place.here())
        return original(one, *args, **kwargs)

    kind.train = train
