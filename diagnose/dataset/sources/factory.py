"""A Dataset of one's own, as package.module:factory: its items are written out as image folders, which are scanned."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from diagnose.dataset.sources.folder import Folder, find_folder
from diagnose.dataset.sources.source import Entry
from diagnose.model import InputError, printable

LONGEST = 600.0  # seconds that the person's code may take


@dataclass(frozen=True)
class Exported:
    """The written items. kept: the folder, which is removed with this value."""

    folder: Folder
    kept: tempfile.TemporaryDirectory[str]
    ordered: bool = True

    @property
    def root(self) -> str:
        return self.folder.root

    def entries(self) -> Iterator[Entry]:
        return self.folder.entries()

    def expected(self) -> tuple[tuple[str, str], ...]:
        return self.folder.expected()


def is_factory(data: str) -> bool:
    """Whether it is written as package.module:factory and no such path is there."""
    module, colon, factory = data.partition(":")
    named = bool(colon) and all(part.isidentifier() for part in (*module.split("."), *factory.split(".")))
    return named and not Path(data).exists()


def find_factory(name: str) -> Exported:
    """Runs the factory in a process of its own and writes its items out. Raises InputError where that fails."""
    kept = tempfile.TemporaryDirectory(prefix="diagnose-items-")
    path = os.pathsep.join((str(Path.cwd()), os.environ.get("PYTHONPATH", "")))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "diagnose.dataset.export", name, kept.name],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LONGEST,
            env={**os.environ, "PYTHONPATH": path},
        )
    except subprocess.TimeoutExpired:
        raise InputError(f"{name} did not give its items within {LONGEST:.0f} s: give it fewer.") from None
    told = _answer(done.stdout)
    if told is None:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        told = {"why": words[-1] if words else f"its process ended with {done.returncode}"}
    if "why" in told:
        raise InputError(f"{name} gives no images: {printable(str(told['why']))}.")
    return Exported(find_folder(Path(kept.name)), kept)


def _answer(out: bytes) -> dict[str, object] | None:
    """The last line, if it is the answer; the person's code may have printed others."""
    lines = out.decode("utf-8", "replace").strip().splitlines()
    try:
        told = json.loads(lines[-1]) if lines else None
    except ValueError:
        return None
    return told if isinstance(told, dict) else None
