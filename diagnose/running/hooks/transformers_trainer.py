"""Hugging Face's Trainer: how many epochs it was asked for, and how many batches for one step."""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

from diagnose.model.mistakes import WRONG_WAY
from diagnose.running import place
from diagnose.running.direction import wrong_way
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
        metric, rises = asked.metric_for_best_model, asked.greater_is_better
        keeps = asked.load_best_model_at_end or asked.save_total_limit
        if keeps and isinstance(metric, str) and rises is not None and wrong_way(metric, not rises):
            recorder.mistake(WRONG_WAY, f"metric_for_best_model={metric!r}, greater_is_better={rises}", place.here())
        return original(one, *args, **kwargs)

    kind.train = train
