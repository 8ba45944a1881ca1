"""Folders of running scans: each is locked by its process, so that one whose process died is recognised."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from diagnose.model import InputError

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # Windows: an interrupted scan starts again there
    flock = None  # type: ignore[assignment]

PREFIX = ".draft-"
NEW = 60.0  # seconds
MOST_ABANDONED = 5  # kept for the next scan of their own root


class PartialScan:
    """A folder with a database, exclusive to this process while open.

    cache: where to create it, None for a temporary one. folder: an existing one to open.
    """

    def __init__(self, cache: Path | None, folder: Path | None = None) -> None:
        """Raises InputError if no folder can be written, BlockingIOError if another process holds the folder."""
        try:
            self.folder = folder or Path(tempfile.mkdtemp(prefix=PREFIX if cache else "diagnose-", dir=cache))
            self._lock: IO[bytes] = open(self.folder / "lock", "ab")  # noqa: SIM115  closed in close()
        except OSError as fault:
            if folder is not None:
                raise BlockingIOError from None
            raise InputError(
                f"No temporary folder can be written ({fault.strerror}): set TMPDIR to one that can."
            ) from None
        try:
            if flock is not None:
                flock(self._lock, LOCK_EX | LOCK_NB)
        except OSError:
            self._lock.close()
            raise BlockingIOError from None
        with contextlib.suppress(OSError):  # a full disk
            self._lock.write(b".")
            self._lock.flush()

    @property
    def file(self) -> Path:
        """Path of the draft's SQLite database; it need not exist yet."""
        return self.folder / "scan.sqlite"

    def close(self, keep: bool) -> None:
        """Unlock the folder, and remove it unless it is kept for another process."""
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.close()


def abandoned(cache: Path) -> Iterator[PartialScan]:
    """The drafts that no process writes any more, newest first. Those beyond MOST_ABANDONED are removed."""
    if flock is None:
        return
    folders = [Path(entry.path) for entry in os.scandir(cache) if entry.name.startswith(PREFIX)]
    seen = 0
    for folder in sorted(folders, key=_changed, reverse=True):
        if not _locked_once(folder) and time.time() - _changed(folder) < NEW:
            continue  # its process is about to lock it
        with contextlib.suppress(BlockingIOError):
            draft = PartialScan(None, folder)
            seen += 1
            if seen > MOST_ABANDONED:
                draft.close(keep=False)
            else:
                yield draft


def _locked_once(folder: Path) -> bool:
    try:
        return (folder / "lock").stat().st_size > 0
    except OSError:
        return False


def _changed(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0
