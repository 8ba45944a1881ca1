"""torchmetrics: which passes over which loaders a metric has taken in by the time that it is computed."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from diagnose.model.run import TRAINING
from diagnose.running import place
from diagnose.running.recorder import FeedSeen, Recorder

WITHIN = "_diagnose_within"  # set while a metric's own forward resets and updates it


def install(recorder: Recorder, module: ModuleType) -> None:
    """Replaces what wraps a metric's update and compute, its forward and its reset by ones that report."""
    kind = module.Metric
    updating, computing, forward, reset = kind._wrap_update, kind._wrap_compute, kind.forward, kind.reset
    taken: dict[int, dict[tuple[int, int], FeedSeen]] = {}  # passes since the last reset, by metric

    def note(metric: Any) -> None:
        batch = recorder.current
        if batch is not None and not getattr(metric, WITHIN, False):
            taken.setdefault(id(metric), {})[id(batch.feed), batch.feed.passes] = batch.feed

    def wrap_update(metric: Any, update: Any) -> Any:
        own = updating(metric, update)

        def noted(*args: Any, **kwargs: Any) -> Any:
            note(metric)
            return own(*args, **kwargs)

        return noted

    def wrap_compute(metric: Any, compute: Any) -> Any:
        own = computing(metric, compute)

        def noted(*args: Any, **kwargs: Any) -> Any:
            if not getattr(metric, WITHIN, False):
                _judge(recorder, type(metric).__name__, list(taken.get(id(metric), {}).values()))
            return own(*args, **kwargs)

        return noted

    def whole(metric: Any, *args: Any, **kwargs: Any) -> Any:
        note(metric)
        object.__setattr__(metric, WITHIN, True)
        try:
            return forward(metric, *args, **kwargs)
        finally:
            object.__setattr__(metric, WITHIN, False)

    def emptied(metric: Any) -> None:
        if not getattr(metric, WITHIN, False):
            taken.pop(id(metric), None)
        reset(metric)

    kind._wrap_update, kind._wrap_compute, kind.forward, kind.reset = wrap_update, wrap_compute, whole, emptied


def _judge(recorder: Recorder, name: str, feeds: list[FeedSeen]) -> None:
    """Only mixtures: several validation loaders at once, as of folds, are one evaluation."""
    held_out = [id(feed) for feed in feeds if feed.part != TRAINING]
    if not held_out or len(feeds) < 2 or name.startswith("Running"):
        return
    if len(held_out) < len(feeds):
        detail = "images of training and of validation"
    elif len(set(held_out)) < len(held_out):
        detail = f"{len(held_out)} passes over the validation"
    else:
        return
    recorder.mistake("metric not emptied", f"{name} has taken in {detail} since it was reset", place.here())
