"""A zip archive laid out as an image folder, or one for each class or split in a folder."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from diagnose.dataset.reading import MOST_BYTES
from diagnose.dataset.sources.inside import Inside, wanted
from diagnose.dataset.sources.source import Entry
from diagnose.model import InputError, Reading, printable

PART = 1 << 20  # bytes


@dataclass(frozen=True)
class Zip:
    """Zip files of class folders. archives: each one's path, and the folder that it stands for ("" for its own)."""

    root: str
    archives: tuple[tuple[str, str], ...]
    inside: Inside
    ordered: bool = False
    notes: tuple[Reading, ...] = ()
    several: bool = False

    def entries(self) -> Iterator[Entry]:
        """Every file in a class folder of the archives, in their order."""
        for path, folder in self.archives:
            changed = Path(path).stat().st_mtime_ns
            with zipfile.ZipFile(path) as archive:
                for item in archive.infolist():
                    if item.is_dir() or not wanted(item.filename):
                        continue
                    if (where := self.inside.of(folder + item.filename)) is not None:
                        is_image = item.filename.lower().endswith(self.inside.endings)
                        yield Entry(path, *where, is_image, f"zip|{item.filename}", item.CRC, changed)

    def expected(self) -> tuple[tuple[str, str], ...]:
        """Always empty: only folders that hold files are listed."""
        return ()


def find_zip(path: Path) -> Zip:
    """The archive at `path`; raises InputError where it is none or holds no class folders."""
    names = _names(path)
    inside = Inside(names)
    if not any(inside.of(name) for name in names):
        example = f", such as {printable(names[0])}" if names else ""
        raise InputError(
            f"{printable(str(path))} holds no class folders among its {len(names)} files{example}: expected "
            "class/*.jpg "
            f"or train|val|test/class/*.jpg inside it; unpack it (unzip {printable(path.name)} -d "
            f"{printable(path.stem)}) where a list beside its images names their classes."
        )
    return Zip(str(path), ((str(path), ""),), inside, notes=inside.notes)


def find_zips(folder: Path, archives: list[Path]) -> Zip | None:
    """The archives of a folder as one tree, each a folder of its own name; None where they hold no class folders."""
    placed, names = [], []
    for path in archives:
        held = _names(path)
        own = f"{path.stem}/"  # train.zip often holds train/ itself
        prefix = "" if all(name.startswith(own) for name in held) else own
        placed.append((str(path), prefix))
        names += [prefix + name for name in held]
    inside = Inside(names)
    if not any(inside.of(name) for name in names):
        return None
    return Zip(str(folder), tuple(placed), inside, notes=inside.notes)


def _names(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return [name for name in archive.namelist() if wanted(name) and not name.endswith("/")]
    except (zipfile.BadZipFile, OSError) as fault:
        raise InputError(f"{printable(str(path))} cannot be read as a zip archive ({fault}): pack it again.") from None


def read(path: str, name: str) -> bytes:
    """A member's bytes. One that promises more than memory should hold raises OSError."""
    archive = _opened(path)
    item = archive.getinfo(name)
    if item.file_size > MOST_BYTES:
        raise OSError(f"the archive promises {item.file_size} bytes for it")
    file = io.BytesIO()
    with archive.open(item) as member:  # a part at a time: a member may unpack to more than its header says
        while file.tell() < item.file_size and (part := member.read(min(PART, item.file_size - file.tell()))):
            file.write(part)
    return file.getvalue()


@lru_cache(maxsize=8)
def _opened(path: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)
