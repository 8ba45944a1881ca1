"""Find the kind of source that a path is."""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from diagnose.dataset.sources import manifest
from diagnose.dataset.sources.annotated import find_annotated, find_annotations
from diagnose.dataset.sources.arrays import find_arrays
from diagnose.dataset.sources.arrow import find_arrow
from diagnose.dataset.sources.builtin import find_builtin
from diagnose.dataset.sources.bylines import find_lines
from diagnose.dataset.sources.cifar import find_cifar
from diagnose.dataset.sources.clips import find_clips
from diagnose.dataset.sources.columns import NO_LABEL
from diagnose.dataset.sources.described import find_described
from diagnose.dataset.sources.factory import find_factory, find_object, is_factory, is_object
from diagnose.dataset.sources.filenames import find_in_names, find_pattern
from diagnose.dataset.sources.folder import folder_of
from diagnose.dataset.sources.foldernames import CONTAINERS, PIECE, are_recordings, is_coded
from diagnose.dataset.sources.grouped import find_grouped
from diagnose.dataset.sources.h5groups import find_groups
from diagnose.dataset.sources.idx import find_idx
from diagnose.dataset.sources.joining import find_joined
from diagnose.dataset.sources.keyed import find_keyed
from diagnose.dataset.sources.layout import plan_of
from diagnose.dataset.sources.listfiles import batch_lists, find_lists, is_guessed, lists_in, split_lists
from diagnose.dataset.sources.namecodes import find_named, pattern_for
from diagnose.dataset.sources.numbered import find_numbered
from diagnose.dataset.sources.otherwise import labelled_otherwise, numbers_folders
from diagnose.dataset.sources.parallel import find_parallel
from diagnose.dataset.sources.pixels import find_all_pixels, find_pixels
from diagnose.dataset.sources.plan import Plan
from diagnose.dataset.sources.records import find_records
from diagnose.dataset.sources.refusals import without_classes
from diagnose.dataset.sources.remote import find_remote, is_remote
from diagnose.dataset.sources.sidecars import find_sidecars
from diagnose.dataset.sources.single import find_single
from diagnose.dataset.sources.source import IMAGE_ENDINGS, Joined, Source, exact_split, is_filler, loose_split
from diagnose.dataset.sources.splitlists import split_by_list
from diagnose.dataset.sources.stacks import find_class_arrays, find_class_stacks, find_stacked
from diagnose.dataset.sources.structs import find_structs
from diagnose.dataset.sources.tar import find_tar, find_tars
from diagnose.dataset.sources.tree import HIDDEN, Disk, holds_images, spread
from diagnose.dataset.sources.unreadable import other_form
from diagnose.dataset.sources.zipped import find_zip, find_zips
from diagnose.model import WHOLE, InputError, Reading, listed, printable

FILES = (  # extensions of files that hold or list images
    ".zip", ".tar", ".tgz", ".csv", ".tsv", ".jsonl", ".parquet", ".arrow", ".npz", ".npy", ".mat", ".h5", ".hdf5",
    ".lmdb", ".tfrecord",
)  # fmt: skip
ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
MOST_INNER = 12  # sibling folders of which one may hold the data
DEEPEST_INNER = 2  # levels of such folders: each is tried as a separate dataset
LABELS_OF = 2_000  # images whose labels are checked
FEW = 20  # first entries, which must include an image
DEEPEST_WRAPPER = 4  # nested folders that hold a single folder
FRAME = re.compile(r"(frame|img|image|i|f|f_|shot)?s?[ _-]*\d{1,8}\.\w+", re.I)
CONTENT = (*IMAGE_ENDINGS, ".json", ".xml", ".yaml", ".yml", ".xlsx", ".xls", ".ods", *ARCHIVES)
PICKLES = (".pkl", ".pickle", ".p", ".pt", ".pth", ".joblib")
UNREADABLE_ARCHIVES = {
    ".7z": "7z x",
    ".rar": "unrar x",
    ".gz": "gunzip",
    ".xz": "unxz",
    ".bz2": "bunzip2",
    ".zst": "unzstd",
}


def find_source(
    data: Any, offline: bool = False, stop: threading.Event | None = None, label_pattern: str | None = None
) -> Source:
    """The source at a path, a URL or a package.module:factory, or a Dataset or DataLoader itself.

    Raises InputError, which says what was found there instead. A factory runs until `stop` is set. label_pattern: where
    the class is in the paths of a folder.
    """
    if is_object(data):
        return find_object(data)
    if is_remote(str(data)):
        return find_remote(str(data), offline)
    if is_factory(str(data)):
        return find_factory(str(data), stop or threading.Event())
    root = Path(data)
    if not root.exists():
        raise InputError(f"{printable(str(root))} does not exist: give the folder that holds your images.")
    try:
        if label_pattern is not None:
            if not root.is_dir():
                raise InputError(f"--label-pattern reads paths in a folder, and {printable(str(root))} isn't one.")
            return find_pattern(root, label_pattern)
        return _of_folder_or_inner(root) if root.is_dir() else _of_file(root)
    except PermissionError:
        raise InputError(f"{printable(str(root))} cannot be read: permission denied; make it readable.") from None


def _of_folder_or_inner(root: Path, deepest: int = DEEPEST_INNER) -> Source:
    """The source in a folder; if it can't be read, the source in its only readable subfolder, at most `deepest` levels
    down."""
    try:
        return split_by_list(_of_folder(root), _unwrapped(root))
    except InputError:
        held = [node for node in Disk(str(root), top=True).folders if not node.name.startswith(HIDDEN)]
        found: list[tuple[str, Source]] = []
        for node in held if deepest and 1 < len(held) <= MOST_INNER else ():
            with contextlib.suppress(InputError):
                found.append((node.name, _of_folder_or_inner(Path(node.path), deepest - 1)))
        found = [(name, one) for name, one in found if any(entry.is_image for entry in islice(one.entries(), FEW))]
        if len(found) != 1:
            raise
        name, source = found[0]
        others = listed([f"{printable(node.name)}/" for node in held if node.name != name][:4])
        note = Reading("inner-folder", f"{printable(name)}/ was read; {others} hold no images with classes.",
                       f"Give {printable(name)} as DATA.", differs=True, place=name)  # fmt: skip
        return replace(source, notes=(*source.notes, note))  # type: ignore[type-var]


def _of_file(file: Path) -> Source:
    ending = file.suffix.lower()
    if not file.is_file():
        raise InputError(f"{printable(str(file))} isn't a regular file: give a folder, a list or an archive.")
    if file.name.lower().endswith(ARCHIVES):
        return find_zip(file) if ending == ".zip" else find_tar(file)
    if file.name.lower().endswith(manifest.ENDINGS):
        pixels = find_pixels(file) if ending in (".csv", ".tsv") else None
        return pixels or manifest.find_manifest(file)
    kinds: tuple[Callable[[Path], Source | None], ...] = (
        find_idx, find_arrow, find_class_arrays, find_groups, find_arrays, find_annotated, find_keyed, find_records,
    )  # fmt: skip
    for find in kinds:
        if (found := find(file)) is not None:
            return found
    if ending in UNREADABLE_ARCHIVES:
        raise InputError(
            f"{printable(str(file))} is an archive that isn't read in place: unpack it "
            f"({UNREADABLE_ARCHIVES[ending]} {printable(file.name)}) and give the folder."
        )
    if ending in PICKLES:
        raise InputError(_pickled(str(file)))
    raise InputError(
        f"{printable(str(file))} is a file of no known kind: give a folder with one sub-folder per class "
        "(root/class/* or root/train/class/*), a manifest (.csv, .tsv, .jsonl, .parquet), arrays (.npz, .npy, "
        ".h5, .mat), "
        "TFRecord, LMDB, a .zip or a .tar."
    )


def _of_folder(folder: Path) -> Source:
    kinds: tuple[Callable[[Path], Source | None], ...] = (
        find_idx, find_cifar, find_arrow, _shards, find_builtin, find_structs, find_groups,
        find_arrays, find_class_stacks, find_keyed,
        find_records, _pixels,
    )  # fmt: skip
    inner = _unwrapped(folder)
    for place in dict.fromkeys((folder, inner)):
        for find in kinds:
            if (found := find(place)) is not None:
                return found
    plan = plan_of(Disk(str(folder), top=True))
    if plan.endings != IMAGE_ENDINGS and (stacked := find_stacked(folder, plan)) is not None:
        return stacked
    if _is_empty(plan) and (single := find_single(folder)) is not None:
        return single
    if _one_each(plan) and (described := find_described(inner)) is not None:
        return described
    if (_in_pieces(plan) or _one_each(plan)) and (annotated := find_annotations(inner)) is not None:
        return annotated
    if _in_series(plan) and (clips := find_clips(inner, plan)) is not None:
        return clips
    if _has_classes(plan) and (otherwise := labelled_otherwise(inner, plan)) is not None:
        return otherwise
    if _has_classes(plan) and (grouped := find_grouped(inner, plan)) is not None:
        return grouped
    if (named := _named_below_series(folder, plan)) is not None:
        return named
    if plan.refused or (_has_classes(plan) and not _split_by_lists(inner, plan)):
        return _with_lists(folder, plan, inner)
    batches = batch_lists(inner) if not _has_classes(plan) and not lists_in(inner) else None
    if batches is not None:
        return batches
    lists, why = find_lists(inner, plan)
    if (lists is None or is_guessed(lists)) and (joined := find_joined(inner)) is not None:
        return joined
    if lists is not None:
        return lists
    if (beside := find_parallel(inner) or (None if _has_classes(plan) else find_grouped(inner, plan))) is not None:
        return beside
    if _one_each(plan) and NO_LABEL in why:
        raise InputError(why)
    if _has_classes(plan):
        return (_in_one_folder(folder, plan) if _one_each(plan) else None) or _with_lists(folder, plan, inner)
    if (annotated := find_described(inner) or find_annotations(inner)) is not None:
        labels = {entry.label for entry in islice(annotated.entries(), LABELS_OF)}
        return (find_in_names(folder, plan) if len(labels) < 2 else None) or annotated
    if (named := find_named(folder, plan)) is not None:
        return named
    if (beside := (find_sidecars(folder, plan) or find_numbered(folder, plan))) is not None:
        return beside
    if _is_empty(plan) and (archived := _archived(folder) or _archived(inner)) is not None:
        return archived
    if _is_empty(plan) and (packed := _packed(folder) or _packed(inner)):
        raise InputError(packed)
    if why and not plan.folders:
        raise InputError(why)
    if _is_empty(plan) and (other := other_form(folder)):
        raise InputError(other)
    if plan.flat and not plan.folders:
        raise InputError(without_classes(folder, plan, inner))
    return folder_of(folder, plan)


def _unwrapped(folder: Path) -> Path:
    """The folder that holds the data: below folders that hold one folder, but no images or lists."""
    for _ in range(DEEPEST_WRAPPER):
        inner = _only_folder(folder)
        if inner is None or loose_split(inner.name) is not None:
            return folder
        folder = inner
    return folder


def _only_folder(folder: Path) -> Path | None:
    """The single folder in a folder that holds nothing else to read; None for a folder of images."""
    try:
        with os.scandir(folder) as items:
            held = [item for item in items if not item.name.startswith((".", "__"))]
        inner = [item for item in held if item.is_dir()]
        content = any(item.name.lower().endswith(CONTENT) for item in held if not item.is_dir())
        return Path(inner[0].path) if len(inner) == 1 and not content and not lists_in(folder) else None
    except OSError:
        return None


def _is_empty(plan: Plan) -> bool:
    """Whether a plan has no images."""
    return not plan.folders and not plan.flat


def _one_each(plan: Plan) -> bool:
    """Whether no split has more than one folder, so that the folders can't be classes."""
    return len(plan.classes) == len({split for split, _, _ in plan.folders}) == len(plan.folders) > 0


def _in_one_folder(folder: Path, plan: Plan) -> Source | None:
    """The images of the only folder, with classes from their names or from the files beside them; None if the folder is
    the only class. Raises InputError if a part of the names may be the class, but it is unclear which."""
    loose = Plan(flat=[(split, node) for split, _, node in plan.folders], endings=plan.endings)
    found = find_named(folder, loose) or find_sidecars(folder, loose) or find_numbered(folder, loose)
    if found is None and (example := pattern_for(loose, letters=True)):
        (name,) = plan.classes
        raise InputError(
            f"{printable(str(folder))} holds one folder of images, {printable(name)}/, and no list of their classes: "
            f"{example}"
        )
    return found


def _named_below_series(folder: Path, plan: Plan) -> Source | None:
    """The images of folders named after places, recordings or dates, with the classes from their file names; None if
    the file names contain none, or the folders have other names."""
    names = sorted(plan.classes)
    if len(names) < 2 or not (are_recordings(names) or all(map(is_coded, names))):
        return None
    loose = Plan(flat=[(split, node) for split, _, node in plan.folders], endings=plan.endings)
    found = find_in_names(folder, loose)
    labels = {entry.label for entry in islice(found.entries(), LABELS_OF)} if found is not None else set()
    return found if len(labels) > 1 and not labels & plan.classes else None


def _in_series(plan: Plan) -> bool:
    """Whether images may be frames: most of their names are numbered, in folders that may be clips."""
    nodes = spread([node for _, _, node in plan.folders] + [node for _, node in plan.flat])
    frames = [name for node in nodes for one in (node, *spread(node.folders, 2)) for name in one.glance[:2]]
    return (
        len(nodes) > 1
        and bool(frames)
        and sum(FRAME.fullmatch(name) is not None for name in frames) > 0.5 * len(frames)
    )


def _in_pieces(plan: Plan) -> bool:
    """Whether the folders are numbered parts of a dataset, whose names aren't classes."""
    return bool(plan.classes) and all(PIECE.fullmatch(name) for name in plan.classes)


def _has_classes(plan: Plan) -> bool:
    """Whether folders are the classes: at least one of their names is meaningful, unlike images/ and crops/."""
    return any(name.lower() not in CONTAINERS and not is_filler(name) for name in plan.classes)


def _split_by_lists(folder: Path, plan: Plan) -> bool:
    """Whether lists may add to the folders: for a single class, or for class folders without splits, beside lists named
    after splits."""
    if len(_filled(plan)) == 1:
        return True
    if any(note.kind == "lists-disagree" for note in plan.notes):
        return False
    splits = {loose_split(file.stem) for file in lists_in(folder)} - {None}
    named = {split for split, _, _ in plan.folders} == {WHOLE} and "train" in splits and len(splits) > 1
    return named and not numbers_folders(folder, plan)


def _filled(plan: Plan) -> set[str]:
    """The classes with images, if there are few folders."""
    if len(plan.folders) > MOST_INNER:
        return plan.classes
    return {label for _, label, node in plan.folders if holds_images(node, plan.endings)}


def _with_lists(folder: Path, plan: Plan, listed_in: Path) -> Source:
    """Class folders, and for the splits without them their lists, in `listed_in` or below.

    A val/images/ that no list names counts as a class, as folder loaders treat it, and its labels are then wrong; only
    test images need no labels.
    """
    classed = {split for split, _, _ in plan.folders}
    flat = [(split, node) for split, node in plan.flat if split not in classed]
    extra = list(split_lists(Plan(flat=flat, endings=plan.endings), listed_in)) if flat and classed != {"all"} else []
    lined = [(split, one) for split, node in flat if classed != {"all"} and not extra
             and (one := find_lines(listed_in, split, node, plan)) is not None]  # fmt: skip
    if not extra and not lined:
        taken = [(split, node.name, node) for split, node in flat if split == "val" and loose_split(node.name) is None]
        if taken and plan.folders:
            plan.folders += taken
            plan.flat = [one for one in plan.flat if one not in flat or one[0] != "val"]
            plan.notes = [note for note in plan.notes if note.kind != "unlabelled" or plan.flat]
        return folder_of(folder, plan)
    padded = {
        str(int(name)): name for name in plan.classes if name.isdecimal()
    }  # a list says 7 where a folder says 00007
    extra = [replace(one, aliases=tuple(padded.items())) for one in extra]
    named = {one.split for one in extra} | {split for split, _ in lined}
    parts: tuple[Source, ...] = (*extra, *(one for _, one in lined))
    described = [note for note in plan.notes if note.kind != "unlabelled"]
    left = [split for split, _ in flat if split not in named]
    notes = tuple(plan.notes if left else described) + tuple(note for one in parts for note in one.notes)
    return Joined(str(folder), (folder_of(folder, plan), *parts), notes)


def _shards(folder: Path) -> Source | None:
    """A folder of tar shards, or of splits that hold them."""
    inner = [path for path in sorted(folder.iterdir()) if path.is_dir()]
    if any(folder.glob("*.tar")) and not inner:
        return find_tar(folder)
    if inner and all(exact_split(path.name) for path in inner) and all(any(path.glob("*.tar")) for path in inner):
        return find_tar(folder)
    return None


def _pixels(folder: Path) -> Source | None:
    """The CSV files of pixels in a folder, one per split."""
    found = find_all_pixels(folder)
    if len({split for split, _ in found}) != len(found):
        return None
    if len(found) < 2:
        return found[0][1] if found else None
    return Joined(str(folder), tuple(one for _, one in found), ordered=True)


def _packed(folder: Path) -> str:
    """Advice if the images are still in archives, or in files that would run code; empty otherwise."""
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    archives = [name for name in names if name.lower().endswith((*ARCHIVES, *UNREADABLE_ARCHIVES))]
    shown = printable(str(folder))
    if archives:
        examples = printable(", ".join(archives[:3]))
        return (
            f"{shown} holds no images but {len(archives)} archive{'' if len(archives) == 1 else 's'} ({examples}): "
            f"unpack {'it' if len(archives) == 1 else 'them'} there, or give one as DATA."
        )
    pickled = next((name for name in names if name.lower().endswith(PICKLES)), None)
    return f"{shown}: {_pickled(pickled)}" if pickled else ""


def _pickled(name: str) -> str:
    return (
        f"{printable(name)} is a pickle, which runs code as it is read: load it in Python, save its arrays with "
        "numpy.savez('data.npz', images=..., labels=...), and give data.npz."
    )


def _archived(folder: Path) -> Source | None:
    """The source in a folder's archives, if there is nothing else: a single one, or a zip per class or split."""
    with os.scandir(folder) as items:
        found = sorted(Path(item.path) for item in items if item.is_file() and item.name.lower().endswith(ARCHIVES))
    if len(found) == 1:
        return _of_file(found[0])
    if found and all(path.suffix.lower() == ".zip" for path in found):
        return find_zips(folder, found)
    return find_tars(folder, found) if found and all(path.suffix.lower() != ".zip" for path in found) else None
