"""Networks of keras.applications for small images that keep the stem for ImageNet."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.catalogue import architectures
from diagnose.interpreter.values import Thing, plain
from diagnose.model import CoarseStem
from diagnose.training.keras.layers import is_application, parts
from diagnose.training.keras.phase import Phase

SMALL = 64  # px; the stem suits images from this size up


def find_coarse_stem(phase: Phase) -> Iterator[CoarseStem]:
    """A network with random weights whose input_shape is small and whose stem shrinks it to a quarter."""
    for part in parts(phase.network):
        if not isinstance(part, Thing) or not is_application(part):
            continue
        known = architectures.find(part.short)
        shape = plain(part.kwargs.get("input_shape"))
        sides = [side for side in shape[:2] if isinstance(side, int)] if isinstance(shape, list | tuple) else []
        random = plain(part.kwargs.get("weights"), ...) is None
        if known is not None and known.stem_stride >= 4 and random and sides and max(sides) <= SMALL:
            yield CoarseStem(part.at, part.short)
