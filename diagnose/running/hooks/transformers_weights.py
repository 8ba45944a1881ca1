"""Hugging Face's from_pretrained: which tensors arrived."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from diagnose.model.run import Arrival
from diagnose.running import place
from diagnose.running.recorder import Recorder


def install(recorder: Recorder, module: ModuleType) -> None:
    """Replaces from_pretrained by one that asks what was loaded."""
    kind = module.PreTrainedModel
    original = kind.from_pretrained.__func__

    def from_pretrained(cls: Any, *args: Any, **kwargs: Any) -> Any:
        wanted = kwargs.pop("output_loading_info", False)
        network, info = original(cls, *args, output_loading_info=True, **kwargs)
        own = dict(network.named_parameters())
        missing = set(info.get("missing_keys", ())) | {one[0] for one in info.get("mismatched_keys", ())}
        loaded = [name for name in own if name not in missing]
        total = sum(p.numel() for p in own.values())
        share = sum(own[name].numel() for name in loaded) / max(1, total)
        recorder.arrivals.append(
            Arrival(len(loaded), share, True, False, wanted=min(missing, default=""), location=place.here())
        )
        recorder.loaded |= {id(own[name]) for name in loaded}
        return (network, info) if wanted else network

    kind.from_pretrained = classmethod(from_pretrained)
