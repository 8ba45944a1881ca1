"""Accelerate: how many batches it was asked to accumulate for one step."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from diagnose.running import place
from diagnose.running.recorder import Recorder


def install(recorder: Recorder, module: ModuleType) -> None:
    """Notes what every Accelerator of the program's own is asked for."""
    kind = module.Accelerator
    original = kind.__init__

    def init(one: Any, *args: Any, **kwargs: Any) -> None:
        original(one, *args, **kwargs)
        steps = int(getattr(one, "gradient_accumulation_steps", 1))
        if steps > 1:
            recorder.asked_accumulation = (steps, place.here())

    kind.__init__ = init
