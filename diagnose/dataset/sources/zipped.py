"""A zip archive laid out as an image folder, or one per class or split in a folder."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from diagnose.dataset.reading import MOST_BYTES
from diagnose.dataset.sources.inside import Inside, one_tree, wanted
from diagnose.dataset.sources.source import Entry
from diagnose.model import InputError, Reading, printable

PART = 1 << 20  # bytes
INSIDE = "!/"  # between the name of a nested archive and that of its member


@dataclass(frozen=True)
class Zip:
    """Zip files of class folders. archives: the path of each, and the folder that it represents ("" for its root)."""

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
            for name, item in _members(path):
                if (where := self.inside.of(folder + _as_path(name))) is not None:
                    is_image = name.lower().endswith(self.inside.endings)
                    yield Entry(path, *where, is_image, f"zip|{name}", item.CRC, changed)

    def expected(self) -> tuple[tuple[str, str], ...]:
        """Always empty: only folders that hold files are listed."""
        return ()


def find_zip(path: Path) -> Zip:
    """The archive at `path`. Raises InputError if it isn't one or holds no class folders."""
    names = _names(path)
    inside = Inside(names)
    if not inside.holds(names):
        example = f", such as {printable(names[0])}" if names else ""
        raise InputError(
            f"{printable(str(path))} holds no class folders among its {len(names)} files{example}: expected "
            "class/*.jpg "
            f"or train|val|test/class/*.jpg inside it; unpack it (unzip {printable(path.name)} -d "
            f"{printable(path.stem)}) where a list beside its images names their classes."
        )
    return Zip(str(path), ((str(path), ""),), inside, notes=inside.notes)


def find_zips(folder: Path, archives: list[Path]) -> Zip | None:
    """The archives of a folder as one tree, each as a folder of its own name; None if they hold no class folders."""
    placed, names, inside = one_tree((path, path.stem, _names(path)) for path in archives)
    return Zip(str(folder), placed, inside, notes=inside.notes) if inside.holds(names) else None


def _names(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return [_as_path(name) for name, _ in _members(path, archive)]
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, zlib.error) as fault:
        raise InputError(f"{printable(str(path))} cannot be read as a zip archive ({fault}): pack it again.") from None


def _members(path: str | Path, opened: zipfile.ZipFile | None = None) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """(name, entry) of the files in an archive, and of those in nested archives, as cats.zip!/1.jpg."""
    with opened or zipfile.ZipFile(path) as archive:
        for item in archive.infolist():
            if not item.filename or item.is_dir() or not wanted(item.filename):
                continue
            if item.filename.lower().endswith(".zip") and item.file_size <= MOST_BYTES:
                with zipfile.ZipFile(archive.open(item)) as inner:
                    for one in inner.infolist():
                        if one.filename and not one.is_dir() and wanted(one.filename):
                            yield f"{item.filename}{INSIDE}{one.filename}", one
            else:
                yield item.filename, item


def _as_path(name: str) -> str:
    """The path of a member as folders: cats/1.jpg for cats.zip!/1.jpg and for cats.zip!/cats/1.jpg."""
    outer, inside, own = name.partition(INSIDE)
    if not inside:
        return name
    folder = outer[: -len(".zip")]
    return f"{folder}/{own.removeprefix(folder.rpartition('/')[2] + '/')}"


def read(path: str, name: str) -> bytes:
    """A member's bytes. Raises OSError for a member whose declared size is too large for memory."""
    archive = _opened(path)
    outer, inside, own = name.partition(INSIDE)
    if inside and name not in archive.NameToInfo:
        archive, name = _opened_inside(path, outer), own
    item = archive.getinfo(name)
    if item.file_size > MOST_BYTES:
        raise OSError(f"the archive promises {item.file_size} bytes for it")
    return _unpacked(archive, item)


def _unpacked(archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> bytes:
    """A member, read in parts: it may unpack to more than its header declares."""
    file = io.BytesIO()
    with archive.open(item) as member:
        while file.tell() < item.file_size and (part := member.read(min(PART, item.file_size - file.tell()))):
            file.write(part)
    return file.getvalue()


@lru_cache(maxsize=2)
def _opened_inside(path: str, name: str) -> zipfile.ZipFile:
    """A nested archive, held in memory."""
    archive = _opened(path)
    if archive.getinfo(name).file_size > MOST_BYTES:
        raise OSError(f"the archive promises {archive.getinfo(name).file_size} bytes for {name}")
    return zipfile.ZipFile(io.BytesIO(_unpacked(archive, archive.getinfo(name))))


@lru_cache(maxsize=8)
def _opened(path: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)
