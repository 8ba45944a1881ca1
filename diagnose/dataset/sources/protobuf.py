"""Protocol buffers without their library: the fields of a message, as far as records of images need them."""

from __future__ import annotations

import struct
from collections.abc import Iterator

MOST_BITS = 63


def fields(message: bytes, begin: int = 0, end: int | None = None) -> Iterator[tuple[int, int | bytes]]:
    """(number, value) of each field: an integer, or the bytes of a text, a message or packed numbers. Raises ValueError
    for bytes that aren't a message."""
    for number_, value, _ in placed(message, begin, end):
        yield number_, value


def placed(message: bytes, begin: int = 0, end: int | None = None) -> Iterator[tuple[int, int | bytes, int]]:
    """`fields`, with the offset of each value."""
    place, end = begin, len(message) if end is None else end
    while place < end:
        tag, place = varint(message, place)
        kind = tag & 7
        if kind == 0:
            value, place = varint(message, place)
            yield tag >> 3, value, place
        elif kind == 2:
            length, place = varint(message, place)
            if place + length > end:
                raise ValueError("a field goes beyond its message")
            yield tag >> 3, message[place : place + length], place
            place += length
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
            yield tag >> 3, message[place : place + length], place
            place += length
        else:
            raise ValueError(f"no field is of kind {kind}")


def varint(message: bytes, place: int) -> tuple[int, int]:
    """An integer of variable length, and the offset after it. Raises IndexError at the end of the bytes."""
    value = shift = 0
    while True:
        byte = message[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
        shift += 7
        if shift > MOST_BITS:
            raise ValueError("a number is too long")


def number(value: int | bytes) -> int:
    """The value of an integer field. Raises TypeError for another kind."""
    if not isinstance(value, int):
        raise TypeError("it isn't a number")
    return value


def numbers(packed: bytes) -> list[int]:
    """The integers of a packed field."""
    found, place = [], 0
    while place < len(packed):
        value, place = varint(packed, place)
        found.append(value - (1 << 64) if value >> 63 else value)
    return found


def floats(packed: bytes) -> list[float]:
    """The floats of a packed field."""
    return [one for (one,) in struct.iter_unpack("<f", packed[: len(packed) // 4 * 4])]
