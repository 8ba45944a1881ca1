"""The bytes of one image, wherever they are stored.

A member is written as `kind|number|...|name`: which reader reads it, where it is, and its name. Readers keep the last
file open, since a scan reads one file after the other.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from importlib import import_module

MOST_BYTES = 1 << 28  # of one image; a file or an archive's member may promise more than memory holds
NO_PICTURE = 1 << 30  # bytes of a file that no picture of Pillow's largest size has


class OutOfBounds(OSError):
    """A file that isn't opened, or not read whole: not a regular file, or too large."""


class LargeFile(OutOfBounds):
    """A file that may be a picture and needs too much memory."""


KINDS = {
    stat.S_IFIFO: "a named pipe", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a folder",
}  # fmt: skip
# The module of each kind, whose `read(path, arguments)` returns an image file's bytes; imported when needed.
READERS = {
    "slice": "diagnose.dataset.sources.tar",
    "zip": "diagnose.dataset.sources.zipped",
    "idx": "diagnose.dataset.sources.idx",
    "cifar": "diagnose.dataset.sources.cifar",
    "row": "diagnose.dataset.sources.arrow",
    "remote": "diagnose.dataset.sources.remote",
    "array": "diagnose.dataset.sources.arrays",
    "csv": "diagnose.dataset.sources.pixels",
    "pixels": "diagnose.dataset.sources.arrow",
    "lmdb": "diagnose.dataset.sources.keyed",
    "block": "diagnose.dataset.sources.blocks",
}
# How many parts of a member precede its name.
NAME_AT = {
    "slice": 3, "zip": 1, "idx": 2, "cifar": 2, "row": 4, "remote": 1, "array": 4, "csv": 4, "pixels": 4, "lmdb": 2,
    "block": 5,
}  # fmt: skip


def read(path: str | bytes, member: str | None = None) -> bytes:
    """The whole image file. Raises OSError for any fault, including OutOfBounds."""
    if member is None:
        return _of_file(path)
    kind, _, arguments = member.partition("|")
    reader: Callable[[str, str], bytes] = import_module(READERS[kind]).read
    try:
        return reader(os.fsdecode(path), arguments)
    except OSError:
        raise
    except Exception as fault:  # a library's own error for a damaged archive
        raise OSError(f"{type(fault).__name__}: {fault}") from fault


def _of_file(path: str | bytes) -> bytes:
    """A regular file's bytes. A pipe is opened without waiting for its writer, and a device isn't read."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb", buffering=0) as stream:  # it is read at once, so a buffer is only overhead
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            raise OutOfBounds(f"it is {KINDS.get(stat.S_IFMT(state.st_mode), 'no regular file')}, not a regular file")
        if state.st_size > MOST_BYTES:
            kind = OutOfBounds if state.st_size > NO_PICTURE else LargeFile
            raise kind(f"it has {state.st_size / 1e9:.1f} GB; more than {MOST_BYTES / 1e9:.2f} GB are not read")
        # A file that grows while it is read is cut at its initial size: a log's writer may be faster than its reader.
        parts = bytearray()
        while len(parts) < state.st_size and (part := stream.read(state.st_size - len(parts))):
            if len(part) == state.st_size:
                return part
            parts += part
        return bytes(parts)


def name_of(member: str) -> str:
    """The name of a member inside its file."""
    return member.split("|", NAME_AT[member.partition("|")[0]])[-1]
