"""Small copies among the images of a class: a folder thumbs/ in every class folder, or 1_thumb.jpg beside 1.jpg.

A loader takes them for separate images: each picture counts twice, and a copy may end up in another split.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from typing import TYPE_CHECKING

from diagnose.dataset.sources.tree import Node, images_in, spread
from diagnose.model import printable

if TYPE_CHECKING:
    from diagnose.dataset.sources.plan import Plan

# Words in the names of resized copies, and sizes: 128x128, 256px. A bare number may be a year.
WORDS = re.compile(
    r"thumb(nail)?s?|tn|preview|previews|mini|minis|miniatures?|vorschau|vignettes?|small|medium|large|resized?|scaled"
    r"|downscaled|downsampled|lowres|low|res|hires|compressed|web|cache|copies|copy|\d{2,4}(x\d{2,4})?(px)?|px"
)
CERTAIN = re.compile(
    r"thumb|preview|resize|small|mini|scaled|sampled|lowres|compressed|vorschau|vignette|\dx\d|\dpx|cache|cop"
)
NUMBERED = re.compile(r"[a-z]{0,8}[ _-]?\d+")  # names that files may have in every class
FEWEST, NEARLY = 8, 0.9  # files per class folder, and the share of their names that is the same in all
SHARE = 0.5  # of the copies named after images beside them, and of the class folders with such copies


def note_previews(plan: Plan) -> None:
    """Note if class folders hold small copies of their own images."""
    nodes = spread([node for _, _, node in plan.folders])
    by_name: Counter[str] = Counter()
    copies = whole = suffixed = 0
    for node in nodes:
        own = images_in(node, plan.endings)
        whole += len(own)
        stems = {_stem(name) for name in own}
        for inner in node.folders:
            if _is_preview(inner.name) and (count := _copied(inner, stems, plan)):
                by_name[inner.name] += 1
                copies += count
        suffixed += sum(_bare(stem) in stems for stem in stems if _bare(stem) != stem)
    folder, number = by_name.most_common(1)[0] if by_name else ("", 0)
    if number >= max(1, SHARE * len(nodes)):
        plan.note(
            "previews",
            f"{number} of {len(nodes)} class folders hold {printable(folder)}/ with copies of their own images "
            f"({copies} files beside {whole}), which are counted as images of their own.",
            f"Move the folders {printable(folder)}/ out of the class folders: loaders read them as well.",
        )
    elif suffixed > SHARE * (whole - suffixed):
        plan.note(
            "previews",
            f"{suffixed} of {whole} images in the class folders are named as copies of another one beside them, such "
            "as x_thumb.jpg of x.jpg, and are counted as images of their own.",
            "Move the copies out of the class folders: loaders read them as well.",
        )


def note_versions(plan: Plan) -> None:
    """Note if all class folders hold files with the same names, other than numbers in a series: channels or versions of
    the same pictures."""
    folders = [node for split, _, node in plan.folders if split == plan.folders[0][0]]
    held = [{_stem(name) for name in images_in(node, plan.endings)} for node in spread(folders)]
    if len(held) < 2 or min(map(len, held)) < FEWEST or any(NUMBERED.fullmatch(stem) for stem in held[0]):
        return
    common = set.intersection(*held)
    if len(common) >= NEARLY * max(map(len, held)):
        plan.note(
            "versions",
            f"All class folders hold files of the same names, such as {printable(min(common))}: they are probably "
            "channels or versions of the same pictures, and no classes.",
            "If they are none, give a table of path and label.",
        )


def _is_preview(name: str) -> bool:
    words = [word for word in re.split(r"[^a-z0-9]+", name.lower()) if word]
    return bool(words) and all(WORDS.fullmatch(word) for word in words) and bool(CERTAIN.search(name.lower()))


def _copied(inner: Node, stems: set[str], plan: Plan) -> int:
    """How many images a folder of copies has; 0 if their names differ from those of the images beside it."""
    names = images_in(inner, plan.endings)
    alike = sum(_stem(name) in stems or _bare(_stem(name)) in stems for name in names)
    return len(names) if alike and alike >= SHARE * len(names) else 0


def _stem(name: str) -> str:
    return os.path.splitext(name)[0].lower()


def _bare(stem: str) -> str:
    """A name without the prefix or suffix of a copy."""
    for pattern in (
        r"[ ._-]+(thumb(nail)?|tn|small|preview|resized|mini)$",
        r"^(thumb(nail)?|tn|small|preview)[ ._-]+",
    ):
        stem = re.sub(pattern, "", stem)
    return stem
