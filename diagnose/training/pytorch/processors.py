"""Hugging Face's image processors: their effect on images, as far as it is the same for every checkpoint."""

from __future__ import annotations

from diagnose.interpreter.values import Event, Thing, Value, plain
from diagnose.model import UNIT_STEP
from diagnose.training.pytorch.steps import Pipeline

MAKERS = ("ImageProcessor", "FeatureExtractor", "ImageProcessorFast", "AutoProcessor")


def is_processor(value: Value | None) -> bool:
    """Whether a value is an image processor of transformers."""
    if not isinstance(value, Thing) or value.package != "transformers":
        return False
    maker = value.name.rpartition(".")[0] if value.short == "from_pretrained" else value.name
    return maker.endswith(MAKERS)


def processed(event: Event, way: Pipeline) -> None:
    """Add a processor's call to `way`: it resizes, scales and normalises by its checkpoint's numbers."""
    at = event.at
    made = event.target

    def off(name: str) -> bool:
        given = event.kwargs.get(name) or (made.kwargs.get(name) if isinstance(made, Thing) else None)
        return given is not None and plain(given, True) is False

    way.at = way.at or at
    if not off("do_resize"):
        way.put("resize", "geometry", at)
    if not off("do_rescale"):
        way.scale(UNIT_STEP, "rescale", at)
    if not off("do_normalize"):
        way.put("normalize", "normalize", at)
        way.mean, way.std = (None, at), (None, at)
