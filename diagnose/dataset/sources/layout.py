"""Where the classes are in a tree of folders: recognised, unwrapped, or left to other sources.

Loaders take the folders of their path for classes, whatever they are. Users often have their classes a folder or two
below: in a folder that an archive was unpacked into, below training_set/ and test_set/, below folders of superclasses.
Whatever is unwrapped here is noted as a Reading, since a loader with the same path doesn't unwrap it.
"""

from __future__ import annotations

import re

from diagnose.dataset.sources.foldernames import BESIDE, CONTAINERS, PIECE, UNLABELLED, are_recordings
from diagnose.dataset.sources.nested import nested
from diagnose.dataset.sources.plan import Plan, is_nested, shown, take_classes
from diagnose.dataset.sources.previews import note_previews, note_versions
from diagnose.dataset.sources.source import bare_name, exact_split, loose_split, unnumbered
from diagnose.dataset.sources.tree import Node, endings_of, images_in, is_hidden, spread, with_images
from diagnose.model import WHOLE, Reading, listed, printable

NAMED = 4


def plan_of(root: Node, endings: tuple[str, ...] = ()) -> Plan:
    """The layout below `root`. endings: file extensions of images; detected by default."""
    plan = Plan(endings=endings or endings_of(root))
    _read(root, WHOLE, plan, root)
    held_out = {split for split, _, _ in plan.folders}
    for split, node in plan.flat:
        if split in held_out and plan.folders:
            continue
        if plan.folders:
            plan.note(
                "unlabelled",
                f"{shown(node, root)} holds images without classes ({_example(node, plan)}), which were left out.",
                "Give a list of their labels beside them, or leave them out of the validation.",
            )
    if are_recordings(names := sorted(plan.classes)):
        plan.note(
            "recordings",
            f"The folders {listed([printable(name) for name in names][:NAMED])} were read as the classes, and are "
            "called as recordings, places or dates are.",
            "If they are none, give a table of path and label, or say with --label-pattern where the class stands.",
        )
    note_previews(plan)
    note_versions(plan)
    return plan


def _example(node: Node, plan: Plan) -> str:
    found = images_in(node, plan.endings)
    return f"such as {printable(found[0])}" if found else "none in sight"


def _read(node: Node, split: str, plan: Plan, root: Node) -> None:
    """Add the content of a folder, of one split, to the plan."""
    full = with_images(node, plan.endings)
    loose = images_in(node, plan.endings)
    if not full:
        if loose:
            plan.flat.append((split, node))
        return
    if split == WHOLE and _splits(node, full, plan, root):
        return
    if split == WHOLE and not loose and _train_beside_test(full, plan, root):
        return
    piles = [inner for inner in full if UNLABELLED.fullmatch(inner.name) and _is_pile(inner, plan)]
    others = [inner for inner in full if inner not in piles]
    if piles and others and not loose and all(is_nested(inner, plan) for inner in others):
        full = others
        plan.note(
            "unlabelled",
            f"{shown(piles[0], root)} holds images without classes ({_example(piles[0], plan)}), which were left out.",
            differs=True,
        )
    content = _content(full)
    if content != full and not loose:
        _leave_out([inner for inner in full if inner not in content], plan, root)
    if len(content) == 1 and not loose:
        _only(content[0], node, split, plan, root)
    elif content and all(PIECE.fullmatch(inner.name) for inner in content) and _container(content):
        plan.flat += [(split, inner) for inner in content]
    elif content and not loose and all(is_nested(inner, plan) for inner in spread(content)):
        nested(content, node, split, plan, root)
    else:
        take_classes(node, split, plan, root)
        _uneven(content, plan, root)
        if loose:
            plan.note(
                "loose",
                f"{shown(node, root)} holds images beside its class folders, such as {printable(loose[0])}, "
                "which belong "
                "to no class and were left out.",
                "Move them into their classes' folders.",
            )


def _is_pile(node: Node, plan: Plan) -> bool:
    """Whether a folder holds images, or one folder of them."""
    return not is_nested(node, plan) or (len(node.folders) == 1 and not is_nested(node.folders[0], plan))


def _train_beside_test(full: list[Node], plan: Plan, root: Node) -> bool:
    """Read one folder of class folders beside one named as a test split, whose images have the same class folders or
    none; False if the layout is different."""
    tests = [inner for inner in full if loose_split(inner.name) == "test"]
    others = [inner for inner in full if inner not in tests and inner.name.lower() not in BESIDE]
    if len(tests) != 1 or len(others) != 1 or len(full) != 2:
        return False
    train, test = (_below_one(one, plan) for one in (others[0], tests[0]))
    classes, tested = (with_images(one, plan.endings) for one in (train, test))
    if len(classes) < 2 or any(is_nested(one, plan) for one in spread(classes)):
        return False
    if tested and not {one.name for one in tested} <= {one.name for one in classes}:
        return False
    take_classes(train, "train", plan, root)
    if tested:
        take_classes(test, "test", plan, root)
    else:
        plan.flat.append(("test", test))
    plan.note("splits", f"Read {shown(train, root)} as train and {shown(test, root)} as test.", differs=True)
    return True


def _below_one(node: Node, plan: Plan) -> Node:
    """The folder below folders that hold a single folder, as when an archive is unpacked into a folder of its name."""
    while len(inner := with_images(node, plan.endings)) == 1 and not images_in(node, plan.endings):
        node = inner[0]
    return node


def _uneven(content: list[Node], plan: Plan, root: Node) -> None:
    """Note that some folders hold images and others hold folders of images; either may be the classes."""
    deep = [
        inner for inner in content if is_nested(inner, plan)
        and len(with_images(inner, plan.endings)) > 1
    ]  # fmt: skip
    if deep and len(deep) < len(content):
        flat = next(inner for inner in content if inner not in deep)
        plan.note(
            "levels",
            f"{shown(deep[0], root)} holds folders of images and {shown(flat, root)} images: each was read as one "
            "class.",
            f"If the folders in {shown(deep[0], root)} are the classes, give {shown(deep[0], root)} as DATA.",
        )


def _container(content: list[Node]) -> bool:
    """Whether a set of images was split into numbered folders: images_001, part_2; bare numbers may be classes."""
    return len(content) > 1 and all(re.search(r"[a-z]{3}", inner.name, re.I) for inner in content)


def _content(full: list[Node]) -> list[Node]:
    """The folders without those that describe others: images/ of images/, annotations/ and masks/."""
    others = [inner for inner in full if unnumbered(inner.name).lower() not in BESIDE]
    containers = [inner for inner in others if unnumbered(inner.name).lower() in CONTAINERS]
    if containers and len(others) == len(containers):
        return containers
    return others if len(others) < len(full) and len(others) == 1 else full


def _leave_out(nodes: list[Node], plan: Plan, root: Node) -> None:
    plan.note(
        "beside",
        f"{listed([shown(node, root) for node in nodes][:NAMED])} {'stands' if len(nodes) == 1 else 'stand'} "
        "beside the "
        "images and was left out." if len(nodes) == 1 else
        f"{listed([shown(node, root) for node in nodes][:NAMED])} stand beside the images and were left out.",
        differs=True,
    )  # fmt: skip


def _only(inner: Node, node: Node, split: str, plan: Plan, root: Node) -> None:
    """The only folder: one around the classes, or a single class."""
    if is_nested(inner, plan):
        plan.notes = [note for note in plan.notes if note.kind != "unwrapped"]
        plan.note(
            "unwrapped",
            f"The classes stand below {shown(inner, root)}, and no images stand above it.",
            f"Give loaders {shown(inner, root)}: given the folder above it they see one class.",
            differs=True,
            place=shown(inner, root).rstrip("/"),
        )
        _read(inner, split, plan, root)
    elif inner.name.lower() in CONTAINERS or loose_split(inner.name) or not bare_name(inner.name):
        own = loose_split(inner.name) if split == WHOLE else None
        plan.flat.append((own or split, inner))
    elif split == WHOLE or inner.name in plan.classes or not plan.classes:
        take_classes(node, split, plan, root)
    else:  # val/unknown/ beside train/cat/: a loader takes it for a class anyway
        take_classes(node, split, plan, root)


# ------------------------------------------------------------------ splits


def _splits(node: Node, full: list[Node], plan: Plan, root: Node) -> bool:
    """Read train/, val/ and test/ by any of their names; False if there are none."""
    strict = {inner.path: split for inner in full if (split := exact_split(inner.name)) is not None}
    deep = any(is_nested(inner, plan) for inner in full if inner.path in strict)
    if not ("train" in strict.values() and (deep or len(strict) == len(full))):
        strict = {}
    chosen = strict or _loosely(full, deep or any(is_nested(inner, plan) for inner in full))
    if not chosen:
        return _prefixed(full, plan)
    by_name = not strict
    level: dict[str, Reading | None] = {}  # per split with classes: what was unwrapped to find them
    around = [note for note in plan.notes if note.kind == "unwrapped"]
    for inner in full:
        if (split := chosen.get(inner.path)) is not None:
            before = len(plan.folders)
            _read(inner, split, plan, root)
            deeper = next((note for note in plan.notes if note.kind == "unwrapped" and note not in around), None)
            plan.notes = [note for note in plan.notes if note is not deeper]
            if len(plan.folders) > before:
                level[shown(inner, root)] = deeper
    _drop_unlabelled("test", plan)
    for inner in full:
        if inner.path not in chosen and not is_hidden(inner):
            _beside_splits(inner, {one.name for one in full if one.path in chosen}, plan, root)
    _uneven_splits(level, plan)
    if by_name and plan.folders:
        roles = [f"{inner.name}/ as {chosen[inner.path]}" for inner in full if inner.path in chosen]
        plan.note("splits", f"Read {listed([printable(one) for one in roles])}.", differs=True)
    return True


def _beside_splits(inner: Node, splits: set[str], plan: Plan, root: Node) -> None:
    """Note that a folder beside the splits was left out: a copy of them, their origin, or something else."""
    if {one.name for one in inner.folders} >= splits:
        plan.note(
            "copied-tree",
            f"{shown(inner, root)} holds the same splits as the folder that it stands in, as a copy does, and was "
            "left out.",
            "Use one of the two: a program that walks through the folder takes every image twice.",
        )
    elif inner.name in plan.classes:
        plan.note(
            "copied-tree",
            f"{shown(inner, root)} stands beside the splits and is called as a class of theirs; it was left out. A "
            "loader given this folder takes the splits for classes, beside the images that they were made of.",
            "Give loaders the folder of a split, and move the images that the splits were made of elsewhere.",
        )
    else:
        plan.note(
            "extra",
            f"{shown(inner, root)} stands beside the splits and was left out.",
            "Give it as DATA of its own to have it looked at.",
        )


def _uneven_splits(level: dict[str, Reading | None], plan: Plan) -> None:
    """Note that the classes are below a further folder: in all splits, or in some, where a loader reads one class."""
    deeper = {split: note for split, note in level.items() if note is not None}
    note = next(iter(deeper.values()), None)
    if note is None:
        return
    if len(deeper) == len(level):
        plan.notes.append(note)
        return
    even = next(split for split in level if split not in deeper)
    plan.note(
        "uneven-splits",
        f"The classes stand below {printable(note.place)}/, while those of {even} stand in it: a loader given "
        f"{next(iter(deeper))} sees one class.",
        f"Give loaders {printable(note.place)}/, or move its folders up.",
        differs=True,
        place=note.place,
    )


def _loosely(full: list[Node], deep: bool) -> dict[str, str]:
    """Splits by names such as training_set, if every folder has such a name and nothing else in it."""
    found = {inner.path: split for inner in full if (split := loose_split(inner.name)) is not None}
    content = [inner for inner in full if inner.name.lower() not in BESIDE]
    rests = {bare_name(inner.name) for inner in full if inner.path in found}
    whole = len(found) >= len(content) - sum(inner.name.lower() in ("pred", "seg_pred", "predict") for inner in content)
    if not found or not whole or len(rests) > 1:
        return {}
    splits = set(found.values())
    return found if len(splits) > 1 and (deep or "train" in splits) else {}


def _prefixed(full: list[Node], plan: Plan) -> bool:
    """Classes whose folders are named with their split: train_cat, train_dog, test_cat."""
    parts = [(loose_split(inner.name), bare_name(inner.name), inner) for inner in full]
    labels = {label for split, label, _ in parts if split and label}
    if len(labels) < 2 or not all(split and label for split, label, _ in parts):
        return False
    if len({split for split, _, _ in parts}) < 2:
        return False
    plan.folders += [(split or WHOLE, label, inner) for split, label, inner in parts]
    plan.note(
        "split-in-name",
        f"Folders are named with their split, such as {printable(full[0].name)}/.",
        "Sort them into train/ and the others.",
        differs=True,
    )
    return True


def _drop_unlabelled(split: str, plan: Plan) -> None:
    """Remove test/images/ from the classes: a single folder that isn't a class of train."""
    own = [one for one in plan.folders if one[0] == split]
    trained = {label for own_split, label, _ in plan.folders if own_split == "train"}
    names = {label for _, label, _ in own}
    if len(names) == 1 and trained and not names & trained:
        (name,) = names
        if name.lower() in CONTAINERS | {"unknown", "test", "unlabelled", "unlabeled", "test_images"}:
            plan.flat += [(split, inner) for _, _, inner in own]
            plan.folders = [one for one in plan.folders if one not in own]
