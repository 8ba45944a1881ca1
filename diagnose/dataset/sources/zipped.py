"""A zip archive laid out as an image folder."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from diagnose.dataset.reading import MOST_BYTES
from diagnose.dataset.sources.inside import Inside
from diagnose.dataset.sources.source import IMAGE_ENDINGS, Entry
from diagnose.model import InputError, printable

LEFT_BEHIND = ("__MACOSX/",)  # what a Mac's archiver adds: no classes of anyone


@dataclass(frozen=True)
class Zip:
    """A zip file of class folders."""

    root: str
    ordered: bool = False

    def entries(self) -> Iterator[Entry]:
        """Every file in a class folder of the archive, in archive order."""
        with zipfile.ZipFile(self.root) as archive:
            members = [item for item in archive.infolist() if not item.is_dir() and _wanted(item.filename)]
        changed = Path(self.root).stat().st_mtime_ns
        inside = Inside(item.filename for item in members)
        for item in members:
            if (where := inside.of(item.filename)) is not None:
                is_image = item.filename.lower().endswith(IMAGE_ENDINGS)
                yield Entry(self.root, *where, is_image, f"zip|{item.filename}", item.CRC, changed)

    def expected(self) -> tuple[tuple[str, str], ...]:
        """Always empty: only folders that hold files are listed."""
        return ()


def find_zip(path: Path) -> Zip:
    """The archive at `path`; raises InputError where it is none or holds no class folders."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if _wanted(name) and not name.endswith("/")]
    except (zipfile.BadZipFile, OSError) as fault:
        raise InputError(f"{printable(str(path))} cannot be read as a zip archive ({fault}): pack it again.") from None
    inside = Inside(names)
    if not any(inside.of(name) for name in names):
        raise InputError(
            f"{printable(str(path))} holds no class folders among its {len(names)} files: expected class/*.jpg or "
            "train|val|test/class/*.jpg inside it."
        )
    return Zip(str(path))


def read(path: str, name: str) -> bytes:
    """A member's bytes. One that promises more than memory should hold raises OSError."""
    archive = _opened(path)
    item = archive.getinfo(name)
    if item.file_size > MOST_BYTES:
        raise OSError(f"the archive promises {item.file_size} bytes for it")
    return archive.read(item)


@lru_cache(maxsize=1)
def _opened(path: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)


def _wanted(name: str) -> bool:
    return not name.startswith(LEFT_BEHIND)
