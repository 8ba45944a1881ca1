"""Tar archives: WebDataset shards (a sample's files share a key: 0001.jpg, 0001.cls) or class folders inside.

A tar is read in place, member by member; nothing is ever unpacked. A compressed one is read as a stream.
"""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from diagnose.dataset.reading import MOST_BYTES
from diagnose.dataset.sources.inside import Inside, one_tree, wanted
from diagnose.dataset.sources.source import IMAGE_ENDINGS, Entry, exact_split
from diagnose.model import WHOLE, InputError, Reading, printable

LABELS = ("cls", "label", "class", "txt", "json")  # extensions of the file that names the class, the likeliest first
FIELDS = ("cls", "label", "class", "class_name", "category")  # of a JSON file
MOST_LABEL = 65_536  # bytes of a label file
MOST_COMPRESSED = 2 << 30  # bytes of a compressed archive, which each process reads from its start
MOST_LOOKED_AT = 2_000  # members that are read to classify the label files
CAPTIONS = 0.5  # share of distinct texts, above which .txt files are captions
ENDING = re.compile(r"\.(tar(\.\w+)?|tgz|tbz2?|txz)$", re.I)
FEW = 12  # texts needed to recognise captions


@dataclass(frozen=True)
class Tar:
    """One archive or a folder of shards: the path of each, and the folder that it represents ("" for its root). inside:
    the layout of one without label files."""

    root: str
    shards: tuple[tuple[str, str], ...]
    inside: Inside | None
    labels: tuple[str, ...] = LABELS
    ordered: bool = True
    notes: tuple[Reading, ...] = ()
    several: bool = False

    def entries(self) -> Iterator[Entry]:
        """The images of each shard, in the order of the archive."""
        for shard, folder in self.shards:
            changed = Path(shard).stat().st_mtime_ns
            if self.inside is None:
                yield from _samples(shard, changed, self.labels)
            else:
                yield from _folders(shard, folder, changed, self.inside)

    def expected(self) -> tuple[tuple[str, str], ...]:
        """Always empty: a class is known only from an image's label file or folder."""
        return ()


def find_tar(path: Path) -> Tar:
    """The archive or the folder of shards at `path`. Raises InputError if it can't be read as one."""
    shards = tuple(map(str, sorted(path.rglob("*.tar")))) if path.is_dir() else (str(path),)
    names: list[str] = []
    for shard in shards:
        for item in _checked(Path(shard), path):
            names.append(item.name)
            if len(shards) > 1 and len(names) > MOST_LOOKED_AT and any(_ending(name) in LABELS for name in names):
                return _shards(path, shards)
    if any(_ending(name) in LABELS for name in names):
        return _shards(path, shards)
    if len(shards) > 1 and (found := find_tars(path, [Path(shard) for shard in shards])) is not None:
        return found
    inside = Inside(names)
    if not inside.holds(names):
        packed = [name for name in names if ENDING.search(name) or name.lower().endswith(".zip")]
        if packed:
            raise InputError(
                f"{printable(str(path))} holds {len(packed)} archives that are not read in place, such as "
                f"{printable(packed[0])}: unpack it (tar xf {printable(path.name)} --one-top-level) and give "
                "that folder."
            )
        raise InputError(
            f"{printable(str(path))} names no classes in its {len(names)} files: expected WebDataset samples "
            "(0001.jpg and 0001.cls) or class/*.jpg inside it."
        )
    return Tar(str(path), tuple((shard, "") for shard in shards), inside, notes=inside.notes)


def _checked(archive: Path, shown: Path | None = None) -> Iterator[tarfile.TarInfo]:
    """The files in an archive. shown: its name in error messages. Raises InputError for one that is damaged, or that is
    compressed and large."""
    if _is_large(archive):
        raise InputError(
            f"{printable(str(archive))} is compressed and has {archive.stat().st_size / 1e9:.0f} GB, of which no part "
            f"can be read alone: unpack it (tar xf {printable(archive.name)}) and give the folder."
        )
    try:
        yield from _members(str(archive))
    except (tarfile.TarError, OSError, EOFError, lzma.LZMAError) as fault:
        raise InputError(
            f"{printable(str(shown or archive))} cannot be read as a tar archive ({fault}): pack it again."
        ) from None


def _is_large(archive: Path) -> bool:
    return archive.stat().st_size > MOST_COMPRESSED and bool(_compression(str(archive)))


def find_tars(folder: Path, archives: list[Path]) -> Tar | None:
    """The archives of a folder as one tree, each as a folder of its own name; None if they hold no class folders."""
    placed, names, inside = one_tree(
        (path, ENDING.sub("", path.name), [item.name for item in _checked(path)]) for path in archives
    )
    if not inside.holds(names):
        return None
    inside.label_by_lines(folder, names)
    return Tar(str(folder), placed, inside, notes=inside.notes)


def read(path: str, arguments: str) -> bytes:
    """The bytes at an offset: `offset|length|name`."""
    offset, length, _ = arguments.split("|", 2)
    if int(length) > MOST_BYTES:
        raise OSError(f"the archive promises {length} bytes for it")
    if _compression(path):
        stream = _stream(path)
        stream.seek(int(offset))  # seeking backwards restarts the stream
        return bytes(stream.read(int(length)))
    with open(path, "rb") as plain:
        plain.seek(int(offset))
        return plain.read(int(length))


def _compression(path: str) -> str:
    """gz, bz2 or xz by the file's first bytes; empty for none of them."""
    with open(path, "rb") as stream:
        head = stream.read(6)
    kinds = {b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\0": "xz"}
    return next((kind for beginning, kind in kinds.items() if head.startswith(beginning)), "")


def _plain(path: str) -> Any:
    """The archive's bytes, decompressed as they are read."""
    kind = _compression(path)
    if kind == "gz":
        return gzip.open(path)
    if kind == "bz2":
        return bz2.open(path)
    return lzma.open(path) if kind == "xz" else open(path, "rb")


@lru_cache(maxsize=1)
def _stream(path: str) -> Any:
    return _plain(path)


def _members(shard: str, begin: int = 0) -> Iterator[tarfile.TarInfo]:
    """The files in an archive, and those in nested archives, with offsets in the outer one: n01440764/1.jpg in
    n01440764.tar. begin: the offset of the archive in its file."""
    with _plain(shard) as stream:
        stream.seek(begin)
        with tarfile.open(fileobj=stream, mode="r:") as archive:
            for item in archive:
                if item.isfile() and item.name.lower().endswith(".tar") and not begin:
                    yield from _nested(shard, item)
                elif item.isfile() and wanted(item.name):
                    yield item
                archive.members.clear()  # type: ignore[attr-defined]  # tarfile would keep them all


def _nested(shard: str, outer: tarfile.TarInfo) -> Iterator[tarfile.TarInfo]:
    folder = outer.name[: -len(".tar")]
    own = f"{folder.rpartition('/')[2]}/"
    for item in _members(shard, outer.offset_data):
        name = item.name.removeprefix("./")
        item.name = f"{folder}/{name.removeprefix(own)}"
        yield item


def _folders(shard: str, folder: str, changed: int, inside: Inside) -> Iterator[Entry]:
    for item in _members(shard):
        if (where := inside.of(folder + item.name)) is not None:
            yield Entry(shard, *where, item.name.lower().endswith(inside.endings), _slice(item), item.size, changed)


def _shards(path: Path, shards: tuple[str, ...]) -> Tar:
    """WebDataset shards; texts that hardly repeat are captions, and a sample's class is then read from its other files.
    Raises InputError if there are none."""
    bare = tuple((shard, "") for shard in shards)
    found: dict[str, list[str]] = {}
    with _plain(shards[0]) as stream:
        for number, item in enumerate(_members(shards[0])):
            if number > MOST_LOOKED_AT:
                break
            ending = _ending(item.name)
            if ending in LABELS and item.size <= MOST_LABEL:
                stream.seek(item.offset_data)
                if (label := _label(stream.read(item.size), ending)) is not None:
                    found.setdefault(ending, []).append(label)
    captions = tuple(e for e, texts in found.items() if len(texts) >= FEW and len(set(texts)) > CAPTIONS * len(texts))
    if not captions:
        return Tar(str(path), bare, None)
    example = printable(found[captions[0]][0])[:60]
    seen = f".{captions[0]} holds texts such as '{example}', of which hardly one comes twice: captions and no classes"
    if not found.keys() - set(captions):
        raise InputError(
            f"{printable(str(path))} has no classes: {seen}; write each sample's class into a .cls file, or into .json "
            "as label."
        )
    used = tuple(ending for ending in LABELS if ending in found and ending not in captions)
    step = "A loader that takes it for the label sees a class per image."
    note = Reading("captions", f"{seen}, which were taken from .{used[0]}.", step)
    return Tar(str(path), bare, None, used, notes=(note,))


def _samples(shard: str, changed: int, labels: tuple[str, ...]) -> Iterator[Entry]:
    """Images with the class from the sample's label file; members of a sample are adjacent."""
    split = _split_of(shard)
    key, image, label = None, None, None
    with _plain(shard) as stream:
        for item in _members(shard):
            own = item.name[: len(item.name) - len(_ending(item.name)) - 1]
            if own != key:
                if image is not None:
                    yield Entry(shard, split, label or "(no label)", True, _slice(image), image.size, changed)
                key, image, label = own, None, None
            if item.name.lower().endswith(IMAGE_ENDINGS):
                image = item
            elif _ending(item.name) in labels and item.size <= MOST_LABEL:
                stream.seek(item.offset_data)
                label = _label(stream.read(item.size), _ending(item.name)) or label
    if image is not None:
        yield Entry(shard, split, label or "(no label)", True, _slice(image), image.size, changed)


def _slice(item: tarfile.TarInfo) -> str:
    return f"slice|{item.offset_data}|{item.size}|{item.name}"


def _ending(name: str) -> str:
    """Everything after the first dot of the file's name, as in WebDataset."""
    return name.rsplit("/", 1)[-1].partition(".")[2].lower()


def _label(file: bytes, ending: str) -> str | None:
    text = file.decode("utf-8", "replace").strip()
    if ending != "json":
        return text or None
    try:
        content = json.loads(text)
    except ValueError:
        return None
    found = (
        next((content[field] for field in FIELDS if field in content), None) if isinstance(content, dict) else content
    )
    return None if found is None else str(found)


def _split_of(shard: str) -> str:
    """The split named by the shard or its folder."""
    words = re.split(r"[^a-z]+", Path(shard).stem.lower())
    named = next((split for word in reversed(words) if (split := exact_split(word)) is not None), None)
    return named or exact_split(Path(shard).parent.name) or WHOLE
