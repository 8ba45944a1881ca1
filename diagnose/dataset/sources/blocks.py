"""Images stored as raw pixels, one after the other in a file: `offset|length|shape|order|name`."""

from __future__ import annotations

from math import prod


def member(offset: int, shape: tuple[int, ...], order: str, name: str) -> str:
    """The store's name for a block of bytes of this shape; order: the axes as height, width, channels, as in "201"."""
    return f"block|{offset}|{prod(shape)}|{'x'.join(map(str, shape))}|{order}|{name}"


def read(path: str, arguments: str) -> bytes:
    """One image as a PPM or PGM file."""
    import numpy as np

    from diagnose.dataset.sources.raster import ppm

    offset, length, shape, order, _ = arguments.split("|", 4)
    with open(path, "rb") as stream:
        stream.seek(int(offset))
        pixels = np.frombuffer(stream.read(int(length)), np.uint8)
    sides = tuple(map(int, shape.split("x")))
    return ppm(pixels.reshape(sides).transpose(tuple(map(int, order))))
