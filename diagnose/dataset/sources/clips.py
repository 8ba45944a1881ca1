"""Lists of clips whose frames are in folders: a line names a video, Archery/v_Archery_g01_c01.avi, and the images are
in frames/Archery/v_Archery_g01_c01/. Every frame has the class and the split of its clip.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from diagnose.dataset.sources.columns import LABELS, NO_ALTERNATIVE, SPLITS, chosen, plain
from diagnose.dataset.sources.folder import walk
from diagnose.dataset.sources.foldernames import in_series
from diagnose.dataset.sources.listfiles import lists_of
from diagnose.dataset.sources.manifest import usage
from diagnose.dataset.sources.plan import Plan
from diagnose.dataset.sources.sheet import Sheet, sheet_of, with_header
from diagnose.dataset.sources.source import Entry, Listing, loose_split
from diagnose.dataset.sources.tree import images_in, named_tree
from diagnose.model import WHOLE, InputError, Reading, listed, printable

VIDEOS = (".avi", ".mp4", ".mov", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".m4v")
MOST_FOLDERS = 200_000  # that are searched for clips
LOOKED_AT = 200  # rows
COVERED = 0.8  # share of the rows that name a folder of images
FEWEST = 2  # clips
ROWS_EACH = 2  # per clip, at most: a list may repeat one


@dataclass(frozen=True)
class Clips:
    """A list whose rows name folders. path, label, split_at: columns; split: of the list, if no column has it."""

    sheet: Sheet
    path: int
    label: int | None
    split_at: int | None
    split: str


def find_clips(folder: Path, plan: Plan) -> Listing | None:
    """The frames of the clips named by lists, in a folder or in one beside the frames; None if no list names any."""
    places = [folder, *sorted(one for one in folder.iterdir() if one.is_dir() and not one.name.startswith("."))]
    files = [file for place in places for file in lists_of(place)]
    if not files:
        return None
    frames = _frames(str(folder), plan.endings)
    if len(frames) < FEWEST:
        return None
    by_split: dict[str, list[Clips]] = defaultdict(list)
    for file in files:
        if (found := _clips(file, frames)) is not None:
            by_split[found.split].append(found)
    taken = [some[0] for split, some in by_split.items() if split != WHOLE or len(by_split) == 1]
    if not taken:
        return None
    names = _class_numbers(files)

    def rows() -> Iterator[Entry]:
        for one in taken:
            for row in one.sheet.rows():
                place = frames.get(_key(row[one.path])) if len(row) > one.path else None
                if place is None:
                    continue
                at = one.split_at
                split = usage(row[at].strip()) if at is not None and len(row) > at else one.split
                yield from walk(place, split, _label(row, one, names), plan.endings)

    left = [one.sheet.file.name for some in by_split.values() for one in some if one not in taken]
    lists = listed([printable(one.sheet.file.name) for one in taken])
    unread = (
        f"; {listed([printable(name) for name in left[:4]])} were not read, as they list the same ones" if left else ""
    )
    said = f"{lists} list folders of images, such as clips; every image has the class of its folder{unread}."
    return Listing(str(folder), rows, notes=(Reading("clips", said, differs=True),))


def _frames(root: str, endings: tuple[str, ...]) -> dict[str, str]:
    """The folders that hold images, by the last two parts of their path, and by the last one if that is unique."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    waiting = deque([root])
    seen = 0
    while waiting and seen < MOST_FOLDERS:
        place = waiting.popleft()
        seen += 1
        inner, images = [], False
        try:
            with os.scandir(place) as items:
                for item in items:
                    if item.is_dir(follow_symlinks=False):
                        inner.append(item.path)
                    elif not images:
                        images = bool(images_in(named_tree([item.name]), endings))
                        if images and not inner:
                            break  # a folder of frames
        except OSError:
            continue
        waiting += sorted(inner)
        if images:
            name = _key(os.path.basename(place))
            twice |= {name} & found.keys()
            found[name] = found["/".join((_key(os.path.basename(os.path.dirname(place))), name))] = place
    return {name: place for name, place in found.items() if name not in twice}


def _key(name: str) -> str:
    """A clip's name as used for its folder: the last two parts, without a video's extension."""
    name = name.strip().replace("\\", "/").rstrip("/")
    stem, ending = os.path.splitext(name)
    return "/".join((stem if ending.lower() in VIDEOS else name).split("/")[-2:])


def _clips(file: Path, frames: dict[str, str]) -> Clips | None:
    try:
        sheet = sheet_of(file)
    except InputError:
        return None
    head = [plain(cell) for cell in sheet.first]
    if not sheet.columns and any(name in LABELS + SPLITS for name in head):
        sheet = with_header(sheet)
    names = [plain(name) for name in sheet.columns]
    rows = sheet.sample[:: max(1, len(sheet.sample) // LOOKED_AT)]
    width = len(sheet.first)
    hits = {number: sum(len(row) > number and _key(row[number]) in frames for row in rows) for number in range(width)}
    path = max(hits, key=lambda number: hits[number], default=None)
    if path is None or hits[path] < max(FEWEST, COVERED * len(rows)):
        return None
    values = [row[path].strip() for row in rows if len(row) > path]
    clips = [name for name in values if "/" in name or name.lower().endswith(VIDEOS) or in_series(name)]
    if len(clips) < COVERED * len(values):  # class folders, which another table describes
        return None
    every = [row[path].strip() for row in sheet.sample if len(row) > path]
    if len(every) > ROWS_EACH * len(set(every)):  # the folder of an image, with a row per image
        return None
    parents = {os.path.dirname(row[path].strip()) for row in rows if len(row) > path}
    split_at = chosen(names, SPLITS, without=(path,))
    label = chosen(names, tuple(name for name in LABELS if name not in NO_ALTERNATIVE), without=(path, split_at))
    if len(parents) < 2 and label is None:
        left = [number for number in range(width) if number not in (path, split_at)]
        label = left[-1] if left and not names else None
        if label is None:
            return None
    labels = {row[label] for row in rows if label is not None and len(row) > label}
    if len(parents) < 2 and 2 * len(labels) > len(values):
        return None
    return Clips(sheet, path, None if len(parents) > 1 else label, split_at, loose_split(file.stem) or WHOLE)


def _label(row: list[str], one: Clips, names: dict[str, str]) -> str:
    """The class of a clip: the folder that its path begins with, or the value of its column."""
    if one.label is None:
        return os.path.basename(os.path.dirname(row[one.path].strip().replace("\\", "/"))) or "(no label)"
    value = row[one.label].strip() if len(row) > one.label else ""
    return names.get(value, value) or "(no label)"


def _class_numbers(files: list[Path]) -> dict[str, str]:
    """The names of numbered classes, from a list beside the others: 1 ApplyEyeMakeup."""
    for file in files:
        if (
            file.suffix.lower() == ".txt"
            and re.search(r"class|label|ind", file.stem, re.I)
            and file.stat().st_size < 1 << 20
        ):
            pairs = [line.split(maxsplit=1) for line in file.read_text("utf-8", "replace").splitlines() if line.strip()]
            if pairs and all(len(pair) == 2 and pair[0].isdigit() for pair in pairs):
                return {pair[0]: pair[1].strip() for pair in pairs}
    return {}
