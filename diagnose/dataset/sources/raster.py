"""Arrays as image files: any channel order and range becomes a PGM or PPM, which everything else can read."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnose.dataset.sources.source import COLOURS


def ppm(pixels: NDArray[Any]) -> bytes:
    """An image from (height, width), (height, width, channels) or (channels, height, width), or from a row of pixels.
    Raises OSError for another shape."""
    image = shaped(np.asarray(pixels))
    eight = np.ascontiguousarray(to_bytes(image))
    kind = b"P5" if eight.ndim == 2 else b"P6"
    return kind + b" %d %d 255\n" % (eight.shape[1], eight.shape[0]) + eight.tobytes()


def shaped(array: NDArray[Any]) -> NDArray[Any]:
    """(height, width) or (height, width, 3)."""
    if array.ndim == 1:
        array = _unrolled(array)
    if array.ndim == 3 and array.shape[-1] not in COLOURS and array.shape[0] in COLOURS:
        array = array.transpose(1, 2, 0)
    if array.ndim == 3 and array.shape[-1] == 1:
        array = array[:, :, 0]
    if array.ndim == 3 and array.shape[0] == 2 < min(array.shape[1:]):  # two channels of a microscope: use the first
        array = array[0]
    if array.ndim == 3 and array.shape[-1] == 2:
        array = array[:, :, 0]
    if array.ndim == 3 and array.shape[-1] > 3:
        bands_first = array.shape[0] < min(array.shape[1:])
        array = array.transpose(1, 2, 0)[:, :, :3] if bands_first else array[:, :, :3]
    if array.ndim not in (2, 3) or not array.size:
        raise OSError(f"an array of {' x '.join(map(str, array.shape))} isn't an image")
    return array


def to_bytes(array: NDArray[Any]) -> NDArray[np.uint8]:
    """Values as 0..255: the upper bits of larger integers; floats are in 0..1 or -1..1."""
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind == "b":
        return array.astype(np.uint8) * np.uint8(255)
    values = np.nan_to_num(array.astype(np.float32))
    low, high = float(values.min()), float(values.max())
    if array.dtype.kind == "f" and high <= 1.001 and low >= -1.001:
        values = values * 255 if low >= 0 else (values + 1) * 127.5
    elif low < 0 or high > 255:
        bits = (
            65_535
            if array.dtype.itemsize <= 2 and low >= 0 and high > 4_095
            else 4_095
            if low >= 0 and high <= 4_095
            else 0
        )
        values = values * (255 / bits) if bits else (values - low) * (255 / max(1e-9, high - low))
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def _unrolled(row: NDArray[Any]) -> NDArray[Any]:
    """A square image from a row of pixels; planar or interleaved colours, whichever is smoother."""
    side = round(len(row) ** 0.5)
    if side * side == len(row):
        return row.reshape(side, side)
    side = round((len(row) / 3) ** 0.5)
    if 3 * side * side != len(row):
        raise OSError(f"{len(row)} pixels make no square image")
    planes = row.reshape(3, side, side).transpose(1, 2, 0)
    beside = row.reshape(side, side, 3)
    return min((planes, beside), key=lambda one: np.abs(np.diff(one.astype(np.float32), axis=1)).mean())
