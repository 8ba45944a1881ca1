"""The user's own Dataset, as package.module:factory: its items are exported as image folders, which are scanned."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from diagnose.children import command
from diagnose.dataset.sources.folder import Folder
from diagnose.dataset.sources.source import Entry
from diagnose.model import WHOLE, InputError, Reading, printable

LONGEST = 600.0  # seconds that the user's code may take
POLL = 0.1


class Exported:
    """The exported items in a folder, which is removed with this object."""

    ordered = True
    notes: tuple[Reading, ...] = ()
    several = False

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self.root = folder.root
        weakref.finalize(self, shutil.rmtree, folder.root, ignore_errors=True)

    def entries(self) -> Iterator[Entry]:
        """Every exported image, in the order of its folder."""
        return self._folder.entries()

    def expected(self) -> tuple[tuple[str, str], ...]:
        """(split, class) of every exported folder."""
        return self._folder.expected()


def is_factory(data: str) -> bool:
    """Whether it is written as package.module:factory and no such path exists."""
    module, colon, factory = data.partition(":")
    named = bool(colon) and all(part.isidentifier() for part in (*module.split("."), *factory.split(".")))
    return named and not Path(data).exists()


def is_object(data: Any) -> bool:
    """Whether it is a Dataset itself, not the name or path of one."""
    return data is not None and not isinstance(data, str | os.PathLike)


def find_object(made: Any) -> Exported:
    """A map-style Dataset or DataLoader of (image, label), or a dict of them by split, with its items exported. Raises
    InputError if they aren't images with labels."""
    from diagnose.dataset.export import NoPictures, export

    kept = tempfile.mkdtemp(prefix="diagnose-items-")
    try:
        if isinstance(made, Mapping):
            plain: Any = {split: _dataset(one) for split, one in made.items()}
        else:
            plain = _dataset(made)
        export(plain, Path(kept))
        return Exported(written(kept))
    except NoPictures as fault:
        shutil.rmtree(kept, ignore_errors=True)
        raise InputError(f"the {type(made).__name__} gives no images: {printable(str(fault))}.") from None
    except BaseException:
        shutil.rmtree(kept, ignore_errors=True)
        raise


def _dataset(made: Any) -> Any:
    """A DataLoader's dataset, or the Dataset itself. Raises InputError for one that isn't map-style."""
    made = getattr(made, "dataset", made) if hasattr(made, "batch_size") else made
    if not hasattr(made, "__len__") or not hasattr(made, "__getitem__"):
        raise InputError(
            f"a {type(made).__name__} has no length or no items by number: give a map-style Dataset of (image, label)."
        )
    return made


def find_factory(name: str, stop: threading.Event) -> Exported:
    """Run the factory in a separate process and export its items. Raises InputError if that fails, takes too long, or
    is stopped."""
    kept = tempfile.mkdtemp(prefix="diagnose-items-")
    try:
        why = _export(name, kept, stop)
        if why is not None:
            raise InputError(f"{name} gives no images: {printable(why)}.")
        return Exported(written(kept))
    except BaseException:
        shutil.rmtree(kept, ignore_errors=True)
        raise


def written(kept: str) -> Folder:
    """The folders that dataset/export.py wrote: class/number.png, or split/class/number.png."""
    folders = []
    for outer in sorted(Path(kept).iterdir()):
        inner = [path for path in sorted(outer.iterdir()) if path.is_dir()]
        folders += [(outer.name, path.name, str(path)) for path in inner] or [(WHOLE, outer.name, str(outer))]
    return Folder(kept, tuple(folders))


def _export(name: str, out_folder: str, stop: threading.Event) -> str | None:
    """Export the items into the folder; return why that failed, None if it succeeded."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command("diagnose.dataset.export", name, out_folder, str(Path.cwd())),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=log,
            start_new_session=True,
        )
        deadline = time.monotonic() + LONGEST
        while process.poll() is None and time.monotonic() < deadline and not stop.is_set():
            time.sleep(POLL)
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return "it was stopped" if stop.is_set() else f"it did not end within {LONGEST:.0f} s; give it fewer items"
        out.seek(0)
        answer = _answer(out.read())
        log.seek(0)
        words = log.read().decode("utf-8", "replace").strip().splitlines()
    if answer is None:
        return words[-1] if words else f"its process ended with {process.returncode}"
    return str(answer["why"]) if "why" in answer else None


def _answer(out: bytes) -> dict[str, object] | None:
    """The last line, if it is the answer; the user's code may have printed others."""
    lines = out.decode("utf-8", "replace").strip().splitlines()
    try:
        answer = json.loads(lines[-1]) if lines else None
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None
