"""Which kind of source a path is."""

from __future__ import annotations

import threading
from pathlib import Path

from diagnose.dataset.sources import manifest
from diagnose.dataset.sources.arrow import find_arrow
from diagnose.dataset.sources.cifar import find_cifar
from diagnose.dataset.sources.factory import find_factory, is_factory
from diagnose.dataset.sources.folder import find_folder
from diagnose.dataset.sources.idx import find_idx
from diagnose.dataset.sources.remote import find_remote, is_remote
from diagnose.dataset.sources.source import Source
from diagnose.dataset.sources.tar import find_tar
from diagnose.dataset.sources.zipped import find_zip
from diagnose.model import InputError, printable

FILES = (".zip", ".tar", *manifest.ENDINGS[:2], ".parquet", ".arrow")  # endings of files that hold or list images
MANIFESTS = ("metadata.csv", "manifest.csv", "labels.csv", "manifest.tsv", "labels.tsv")  # in a folder of loose images


def find_source(data: Path | str, offline: bool = False, stop: threading.Event | None = None) -> Source:
    """The source at a path, a URL or a package.module:factory; raises InputError, which says what was found there
    instead. A factory is run, until `stop` is set."""
    if is_remote(str(data)):
        return find_remote(str(data), offline)
    if is_factory(str(data)):
        return find_factory(str(data), stop or threading.Event())
    root = Path(data)
    if not root.exists():
        raise InputError(f"{printable(str(root))} does not exist: give the folder that holds your images.")
    try:
        return _of_folder(root) if root.is_dir() else _of_file(root)
    except PermissionError:
        raise InputError(f"{printable(str(root))} cannot be read: permission denied; make it readable.") from None


def _of_file(file: Path) -> Source:
    ending = file.suffix.lower()
    if ending == ".zip":
        return find_zip(file)
    if ending in (".tar", ".tgz") or ".tar." in file.name.lower():
        return find_tar(file)
    if ending in manifest.ENDINGS:
        return manifest.find_manifest(file)
    if (found := find_arrow(file)) is not None:
        return found
    raise InputError(
        f"{printable(str(file))} is a file of no known kind: give a folder with one sub-folder per class "
        "(root/class/* or root/train/class/*), a manifest (.csv, .tsv, .parquet), a .zip or a .tar."
    )


def _of_folder(folder: Path) -> Source:
    for find in (find_idx, find_cifar, find_arrow):
        if (found := find(folder)) is not None:
            return found
    if any(folder.glob("*.tar")) and not any(path.is_dir() for path in folder.iterdir()):
        return find_tar(folder)
    for name in MANIFESTS:
        if (folder / name).is_file() and not _has_folders(folder):
            return manifest.find_manifest(folder / name)
    return find_folder(folder)


def _has_folders(folder: Path) -> bool:
    """Whether class folders stand beside the manifest; then those are the classes."""
    return any(path.is_dir() and path.name not in ("images", "img", "data") for path in folder.iterdir())
