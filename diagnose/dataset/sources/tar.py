"""Tar archives: WebDataset shards (a sample's files share a key: 0001.jpg, 0001.cls) or class folders inside.

An uncompressed tar is read in place, member by member; nothing is ever unpacked.
"""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from diagnose.dataset.reading import MOST_BYTES
from diagnose.dataset.sources.inside import Inside
from diagnose.dataset.sources.source import IMAGE_ENDINGS, Entry, told_split
from diagnose.model import WHOLE, InputError, printable

LABELS = ("cls", "label", "class", "txt", "json")  # endings of the file that names the class, the likeliest first
FIELDS = ("cls", "label", "class", "class_name", "category")  # of a JSON file
MOST_LABEL = 65_536  # bytes of a label file


@dataclass(frozen=True)
class Tar:
    """One archive or a folder of shards. inside: the layout of one without label files."""

    root: str
    shards: tuple[str, ...]
    inside: Inside | None
    ordered: bool = True

    def entries(self) -> Iterator[Entry]:
        """The images of each shard, in the order of the archive."""
        for shard in self.shards:
            changed = Path(shard).stat().st_mtime_ns
            if self.inside is None:
                yield from _samples(shard, changed)
            else:
                yield from _folders(shard, changed, self.inside)

    def expected(self) -> tuple[tuple[str, str], ...]:
        """Always empty: a class is known only from an image's label file or folder."""
        return ()


def find_tar(path: Path) -> Tar:
    """The archive or the folder of shards at `path`; raises InputError where it cannot be read as one."""
    shards = tuple(map(str, sorted(path.glob("*.tar")))) if path.is_dir() else (str(path),)
    names: list[str] = []
    try:
        for shard in shards:
            for item in _members(shard):
                names.append(item.name)
                if len(shards) > 1 and _ending(item.name) in LABELS:
                    return Tar(str(path), shards, None)
    except (tarfile.TarError, OSError) as fault:
        why = "it is compressed: decompress it first" if str(fault).find("compressed") >= 0 else str(fault)
        raise InputError(f"{printable(str(path))} cannot be read as a tar archive ({why}).") from None
    if any(_ending(name) in LABELS for name in names):
        return Tar(str(path), shards, None)
    inside = Inside(name for name in names if name.lower().endswith(IMAGE_ENDINGS))
    if not any(inside.of(name) for name in names):
        raise InputError(
            f"{printable(str(path))} names no classes in its {len(names)} files: expected WebDataset samples "
            "(0001.jpg and 0001.cls) or class/*.jpg inside it."
        )
    return Tar(str(path), shards, inside)


def read(path: str, arguments: str) -> bytes:
    """The bytes from an offset on: `offset|length|name`."""
    offset, length, _ = arguments.split("|", 2)
    if int(length) > MOST_BYTES:
        raise OSError(f"the archive promises {length} bytes for it")
    with open(path, "rb") as stream:
        stream.seek(int(offset))
        return stream.read(int(length))


def _members(shard: str) -> Iterator[tarfile.TarInfo]:
    with tarfile.open(shard, "r:") as archive:
        for item in archive:
            if item.isfile():
                yield item
            archive.members.clear()  # type: ignore[attr-defined]  # tarfile would keep them all


def _folders(shard: str, changed: int, inside: Inside) -> Iterator[Entry]:
    for item in _members(shard):
        if (where := inside.of(item.name)) is not None:
            yield Entry(shard, *where, item.name.lower().endswith(IMAGE_ENDINGS), _slice(item), item.size, changed)


def _samples(shard: str, changed: int) -> Iterator[Entry]:
    """Images with the class that the sample's label file names; members of one sample follow each other."""
    split = _split_of(shard)
    key, image, label = None, None, None
    with open(shard, "rb") as stream:
        for item in _members(shard):
            own = item.name[: len(item.name) - len(_ending(item.name)) - 1]
            if own != key:
                if image is not None:
                    yield Entry(shard, split, label or "(no label)", True, _slice(image), image.size, changed)
                key, image, label = own, None, None
            if item.name.lower().endswith(IMAGE_ENDINGS):
                image = item
            elif _ending(item.name) in LABELS and item.size <= MOST_LABEL:
                stream.seek(item.offset_data)
                label = _label(stream.read(item.size), _ending(item.name)) or label
    if image is not None:
        yield Entry(shard, split, label or "(no label)", True, _slice(image), image.size, changed)


def _slice(item: tarfile.TarInfo) -> str:
    return f"slice|{item.offset_data}|{item.size}|{item.name}"


def _ending(name: str) -> str:
    """All after the first dot of the file's name, as WebDataset takes it."""
    return name.rsplit("/", 1)[-1].partition(".")[2].lower()


def _label(file: bytes, ending: str) -> str | None:
    text = file.decode("utf-8", "replace").strip()
    if ending != "json":
        return text or None
    try:
        told = json.loads(text)
    except ValueError:
        return None
    found = next((told[field] for field in FIELDS if field in told), None) if isinstance(told, dict) else told
    return None if found is None else str(found)


def _split_of(shard: str) -> str:
    """The split that the shard's name or its folder tells."""
    words = re.split(r"[^a-z]+", f"{Path(shard).parent.name} {Path(shard).stem}".lower())
    return next((split for word in reversed(words) if (split := told_split(word)) is not None), WHOLE)
