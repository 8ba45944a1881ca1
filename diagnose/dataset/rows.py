"""Rows of numbers of one width, in memory while they are few, else in a temporary file: the thumbnails and vectors of a
hundred million pictures don't fit in memory."""

from __future__ import annotations

import os
from tempfile import SpooledTemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

IN_MEMORY = 64 << 20  # bytes: the thumbnails of 58,000 pictures


class Rows:
    """Rows (count, width), written at the end and read anywhere, by one thread at a time. A context manager.

    folder: where the temporary file may be written, None for the system's. Raises OSError where it can't be.
    """

    def __init__(self, folder: str | None = None) -> None:
        self.folder = folder
        self._file = SpooledTemporaryFile(IN_MEMORY, "w+b", buffering=0, dir=folder)  # noqa: SIM115  closed in __exit__
        self._count = 0
        self._like: NDArray[Any] = np.zeros((0, 0))

    def __enter__(self) -> Rows:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __del__(self) -> None:
        self._file.close()  # of a search that never began

    def __len__(self) -> int:
        return self._count

    def append(self, rows: NDArray[Any]) -> None:
        """Add rows (n, width) at the end, of the same width and type as those before."""
        self._file.seek(0, os.SEEK_END)
        self._file.write(rows.tobytes())
        self._count += len(rows)
        self._like = rows[:0]

    def take(self, places: NDArray[np.int64]) -> NDArray[Any]:
        """(n, width): the rows at these places; runs of places that follow each other are read at once."""
        size = self._like.shape[1] * self._like.itemsize
        begins = np.flatnonzero(np.diff(places, prepend=-2) != 1)
        parts = []
        for first, length in zip(places[begins].tolist(), np.diff(begins, append=len(places)).tolist(), strict=True):
            self._file.seek(first * size)
            parts.append(self._file.read(length * size))
        return np.frombuffer(b"".join(parts), self._like.dtype).reshape(-1, self._like.shape[1])
