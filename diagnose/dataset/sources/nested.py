"""Folders that hold only folders: superclasses, folds, domains, groups, or classes with subfolders."""

from __future__ import annotations

import re
from collections import Counter

from diagnose.dataset.sources.foldernames import (
    CONTAINERS,
    DATE,
    FOLD,
    are_groups,
    are_series,
    in_series,
    is_coded,
    names_its_parts,
)
from diagnose.dataset.sources.plan import Plan, is_nested, shown, take_classes
from diagnose.dataset.sources.source import exact_split
from diagnose.dataset.sources.tree import Node, Through, holds_images, is_hidden, spread, with_images
from diagnose.model import listed, printable

NAMED = 4
DEEPEST = 6  # levels of places and dates
SHIFT = re.compile(r"day|night|morning|evening|early|late|am|pm|front|back|left|right|tag|nacht|fr[uü]h|sp[aä]t", re.I)


def nested(content: list[Node], node: Node, split: str, plan: Plan, root: Node) -> None:
    """Read outer folders that hold inner folders: superclasses, folds, domains, or classes with subfolders."""
    some = spread(content)
    inner = [{one.name for one in with_images(outer, plan.endings)} for outer in some]
    counted = Counter(name for names in inner for name in names)
    if all(len(names) == 1 for names in inner) and len(content) > 1:
        only = [Through(outer.name, one) for outer in content for one in with_images(outer, plan.endings)]
        if all(is_nested(one, plan) for one in spread([*only])):
            nested([*only], node, split, plan, root)
            return
    if (deep := _below_series(content, plan)) is not None:
        plan.folders += [(split, one.name, one) for one in deep]
        names = listed([printable(name) for name in sorted({one.name for one in deep})][:NAMED])
        plan.note(
            "groups",
            f"{len(content)} folders such as {printable(content[0].name)}/ hold places or dates, and those {names}, "
            "which were read as the classes.",
            "Sort the images by class: a loader takes every outer folder for a class.",
            differs=True,
        )
        return
    common = {name for name, count in counted.items() if count >= max(2, 0.6 * len(some))}
    alike = len(common) >= 0.6 * len(counted)
    below = [(outer, one) for outer in content for one in with_images(outer, plan.endings)]
    outers = listed([printable(one.name) for one in content][:NAMED])
    inners = listed([printable(name) for name in sorted(counted)][:NAMED])
    folds = all(FOLD.fullmatch(outer.name) for outer in content) and len(content) > 1
    if folds and any(exact_split(name) for name in counted):
        plan.refused = (
            f"holds the folds {outers} of a cross-validation, each with its own {inners}: give one of them as "
            "DATA, such "
            f"as {shown(content[0], root)}"
        )
    elif folds:
        plan.folders += [(split, one.name, one) for _, one in below]
        plan.note(
            "folds",
            f"{outers} are folds of a cross-validation; their classes are {inners}, read as one set.",
            "Give loaders a fold, not the folder above: there every fold is a class.",
            differs=True,
        )
    elif alike and all(exact_split(name) for name in counted) and len(counted) > 1:
        plan.folders += [(exact_split(one.name) or split, outer.name, one) for outer, one in below]
        plan.note(
            "split-in-class",
            f"Every class holds {inners}, read as its splits.",
            f"Sort them into train/{printable(content[0].name)} and the others: a loader mixes them.",
            differs=True,
        )
    elif all(len(names) == 1 for names in inner) or (alike and _are_parts(content, list(counted))):
        take_classes(node, split, plan, root)
    elif alike and sum(is_nested(one, plan) and _holds_classes(one) for _, one in below) > 0.5 * len(below):
        _two_levels(content, split, plan, root, outers)
    elif alike and len(counted) > len(content):
        plan.folders += [(split, one.name, one) for _, one in below]
        plan.note(
            "domains",
            f"{outers} each hold the same folders, such as {inners}; those were read as the classes.",
            f"If {outers} are the classes, put their images directly into them.",
            differs=True,
        )
    elif alike and are_groups([outer.name for outer in content], list(counted)):
        plan.folders += [(split, one.name, one) for _, one in below]
        plan.note(
            "groups",
            f"{len(content)} folders such as {printable(content[0].name)}/ each hold {inners}; those were read as the "
            "classes.",
            "Sort the images by class: a loader takes every outer folder for a class.",
            differs=True,
        )
    elif alike:
        take_classes(node, split, plan, root)
        plan.note(
            "equal-sub-folders",
            f"Every class ({outers}) holds folders of the same names, {inners}: the classes may be those.",
            f"If {inners} are the classes, give one of {outers} as DATA, or --label-pattern '*/{{label}}/*'.",
        )
    elif sum(in_series(name) for name in counted) > 0.5 * len(counted) or all(
        names_its_parts(outer.name, sorted(names)) for outer, names in zip(some, inner, strict=True)
    ):
        take_classes(node, split, plan, root)
    else:
        _two_levels(content, split, plan, root, outers)


def _below_series(content: list[Node], plan: Plan) -> list[Node] | None:
    """The class folders below two or more levels of places, dates or shifts: LINE_A/2024-02-11/DAY/scratch; None if the
    folders have other names, or the innermost ones are in a series too or don't repeat."""
    level, depth = content, 0
    names = [one.name for one in content]
    while all(in_series(name) or SHIFT.fullmatch(name) for name in names) and depth < DEEPEST:
        inner = [one for outer in level for one in with_images(outer, plan.endings)]
        if not inner:
            return None
        level, depth = inner, depth + 1
        names = sorted({one.name for one in level})
    flat = not any(is_nested(one, plan) for one in spread(level))
    again = 2 <= len(names) <= 0.5 * len(level) and not any(name.lower() in CONTAINERS for name in names)
    return level if depth > 1 and flat and again and not any(map(exact_split, names)) else None


def _are_parts(outers: list[Node], inners: list[str]) -> bool:
    """Whether folders with the same names in every class are parts of it: images, days, the cameras C07 and C08."""
    if all(name.lower() in CONTAINERS or DATE.fullmatch(name) for name in inners):
        return True
    return all(map(is_coded, inners)) and not any(in_series(outer.name) for outer in outers)


def _two_levels(content: list[Node], split: str, plan: Plan, root: Node, outers: str) -> None:
    """Read classes below superclasses, at any number of levels."""
    level = [(outer, one) for outer in content for one in outer.folders if not is_hidden(one)]
    supers: dict[str, list[tuple[Node, Node]]] = {}
    beside: set[str] = set()  # folders of classes beside classes: bakery/kitchen beside beach
    while level:
        level = [(outer, one) for outer, one in level if holds_images(one, plan.endings)]
        deep = [one for _, one in level if is_nested(one, plan) and _holds_classes(one)]
        further = deep if 2 * len(deep) >= len(level) else [one for one in deep if len(one.folders) > 1]
        paths = {one.path for one in further}
        if any(one.path not in paths for _, one in level):
            beside |= paths
        for outer, one in level:
            if one.path not in paths:
                supers.setdefault(one.name, []).append((outer, one))
        level = [(one, below) for one in further for below in one.folders if not is_hidden(below)]
    for name, places in supers.items():
        for outer, one in places:  # a name below several folders is a different class in each: church/indoor
            alone = len(places) == 1 and outer.path not in beside
            plan.folders.append((split, name if alone else f"{outer.name}/{name}", one))
    plan.note(
        "two-levels",
        f"The folders {outers} hold {sum(map(len, supers.values()))} folders of images, which were read as the "
        "classes.",
        f"If {outers} are the classes, give --label-pattern '{{label}}/**'. A loader given this folder sees "
        f"{len(content)} classes.",
        differs=True,
    )


def _holds_classes(node: Node) -> bool:
    """Whether the folders in it are named like classes, not like parts or numbers in a series."""
    inner = [below.name for below in node.folders if not is_hidden(below)]
    return not are_series(inner) and not all(in_series(name) or name.lower() in CONTAINERS for name in inner)
