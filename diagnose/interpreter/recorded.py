"""Which files a reading reads, and how each stood just before, so that a change since then shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

Stamp = tuple[int, int, int]  # time of change in ns, bytes, and the file behind the name
Stamps = dict[Path, Stamp | None]  # None: it is not there

_STAMPS: ContextVar[Stamps | None] = ContextVar("stamps", default=None)


def stamp(path: Path) -> Stamp | None:
    """How a file stands now; None where it cannot be seen."""
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_mtime_ns, seen.st_size, seen.st_ino


def about_to_read(path: Path) -> None:
    """To be called before a file is read."""
    stamps = _STAMPS.get()
    if stamps is not None:
        stamps.setdefault(path.absolute(), stamp(path))


@contextmanager
def recorded() -> Iterator[Stamps]:
    """The files that this thread reads within the context, as they stood before."""
    stamps: Stamps = {}
    token = _STAMPS.set(stamps)
    try:
        yield stamps
    finally:
        _STAMPS.reset(token)
