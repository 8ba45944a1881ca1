"""Image folders behind a URL, such as s3://bucket/images: whatever fsspec and its plugins can list and read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from diagnose.dataset.sources.inside import Inside
from diagnose.dataset.sources.source import Entry
from diagnose.model import InputError, Reading, printable

STATE = (
    "ETag",
    "etag",
    "mtime",
    "LastModified",
    "last_modified",
    "updated",
    "created",
)  # fields that change with the file
LOCAL = ("file", "local")  # protocols without a connection


@dataclass(frozen=True)
class Remote:
    """A folder behind a URL, laid out as an image folder."""

    root: str
    inside: Inside
    ordered: bool = False
    notes: tuple[Reading, ...] = ()
    several: bool = False

    def entries(self) -> Iterator[Entry]:
        """Every file in a class folder behind the URL, sorted by path."""
        system, folder = _opened(self.root)
        found = system.find(folder, detail=True)
        for path in sorted(found):
            inner = path[len(folder) :].lstrip("/")
            if (where := self.inside.of(inner)) is not None:
                info = found[path]
                yield Entry(
                    self.root,
                    *where,
                    inner.lower().endswith(self.inside.endings),
                    f"remote|{inner}",
                    int(info.get("size") or -1),
                    _state(info),
                )

    def expected(self) -> tuple[tuple[str, str], ...]:
        """Always empty: remote listings name files, not empty folders."""
        return ()


def is_remote(data: str) -> bool:
    """Whether it is a URL, not a path."""
    return "://" in data


def find_remote(url: str, offline: bool) -> Remote:
    """The folder at a URL. Raises InputError if it can't be listed, and with `offline` if it isn't on this machine."""
    shown = printable(url)
    if offline and url.split("://")[0].split("::")[-1] not in LOCAL:
        raise InputError(f"--offline: {shown} is not on this machine; leave --offline out, or give a local folder.")
    try:
        system, folder = _opened(url)
        names = [path[len(folder) :].lstrip("/") for path in system.find(folder)]
    except ImportError as fault:
        raise InputError(
            f"{shown} needs a package that isn't installed ({printable(str(fault))}): install it with pip."
        ) from None
    except Exception as fault:  # each file system has its own errors
        raise InputError(
            f"{shown} cannot be listed ({type(fault).__name__}: {printable(str(fault))}): look at the address and at "
            "your rights there."
        ) from None
    inside = Inside(names)
    if not any(inside.of(name) for name in names):
        raise InputError(
            f"{shown} holds no class folders among its {len(names)} files: expected class/*.jpg or "
            "train|val|test/class/*.jpg below it."
        )
    return Remote(url, inside, notes=inside.notes)


def read(url: str, inner: str) -> bytes:
    """One file's bytes."""
    system, folder = _opened(url)
    return bytes(system.cat_file(f"{folder}/{inner}"))


@lru_cache(maxsize=2)
def _opened(url: str) -> tuple[Any, str]:
    import fsspec

    system, folder = fsspec.core.url_to_fs(url)
    return system, folder.rstrip("/")


def _state(info: dict[str, Any]) -> int:
    """A number that changes with the file, as far as its file system reports it."""
    known = [str(info[name]) for name in STATE if info.get(name) is not None]
    return int.from_bytes(hashlib.blake2b("".join(known).encode(), digest_size=7).digest(), "big") if known else 0
