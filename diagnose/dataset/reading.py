"""The bytes of one image, wherever they stand.

A member is told as `kind|number|...|name`: which reader takes it, where it is, and what it is called. Readers keep the
last file open, since a scan goes through one file after the other.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module

MOST_BYTES = 1 << 30  # of one image; an archive's member may promise more than memory holds

# The module of each kind, whose `read(path, arguments)` gives an image file's bytes; imported when it is needed.
READERS = {
    "slice": "diagnose.dataset.sources.tar",
    "zip": "diagnose.dataset.sources.zipped",
    "idx": "diagnose.dataset.sources.idx",
    "cifar": "diagnose.dataset.sources.cifar",
    "row": "diagnose.dataset.sources.arrow",
    "remote": "diagnose.dataset.sources.remote",
}


def read(path: str | bytes, member: str | None = None) -> bytes:
    """The whole image file; raises OSError, whatever is wrong."""
    if member is None:
        with open(path, "rb", buffering=0) as stream:  # it is read at once, so a buffer only costs
            return stream.readall()
    kind, _, arguments = member.partition("|")
    reader: Callable[[str, str], bytes] = import_module(READERS[kind]).read
    try:
        return reader(os.fsdecode(path), arguments)
    except OSError:
        raise
    except Exception as fault:  # a library's own, of a damaged archive
        raise OSError(f"{type(fault).__name__}: {fault}") from fault


def name_of(member: str) -> str:
    """What a member is called inside its file."""
    counts = {"slice": 3, "zip": 1, "idx": 2, "cifar": 2, "row": 4, "remote": 1}
    return member.split("|", counts[member.partition("|")[0]])[-1]
