"""Sends what a program writes into the scratch folder, and lets it read that again as if it lay where it wrote it.

Python's own ways of writing are caught: open, os.open, folders, renaming and removing. Nothing outside the scratch
folder is changed by them. What native code writes by itself (a video writer, an SQLite file) is not caught.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from diagnose.running import onimport

# What opens files in native code by itself: module, function (or method), and the class that has it.
NATIVE_READERS = (
    ("safetensors", "safe_open", None),
    ("pyarrow", "memory_map", None),
    ("tensorflow.python.checkpoint.checkpoint", "read", "Checkpoint"),
    ("tensorflow.python.checkpoint.checkpoint", "restore", "Checkpoint"),
    ("tensorflow.python.checkpoint.checkpoint_management", "latest_checkpoint", None),
)
NATIVE_WRITERS = (
    ("tensorflow.python.checkpoint.checkpoint", "save", "Checkpoint"),
    ("tensorflow.python.checkpoint.checkpoint", "write", "Checkpoint"),
    ("tensorflow.python.checkpoint.checkpoint_management", "__init__", "CheckpointManager"),
    ("tensorflow.python.saved_model.save", "save", None),
    ("tensorflow.python.lib.io.tf_record", "__init__", "TFRecordWriter"),
    ("tensorboard.summary.writer.event_file_writer", "__init__", "EventFileWriter"),
    ("tensorflow.python.ops.summary_ops_v2", "create_file_writer_v2", None),
    ("safetensors.torch", "save_file", None),
    ("cv2", "imwrite", None),
)
WRITES = frozenset("wax+")
LIKE_FILES = (str, bytes, os.PathLike)
KEYWORDS = (
    "logdir",
    "log_dir",
    "filename",
    "directory",
    "file_prefix",
    "save_path",
    "export_dir",
    "checkpoint_dir",
    "path",
)
PREFIXED = ".index"  # ending of the file that stands for a checkpoint of TensorFlow's


class Redirect:
    """scratch: the folder that takes everything; other folders in `free` may be written as they are (devices)."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = os.path.realpath(scratch)
        self._out = os.path.join(self.scratch, "written")
        self.removed: set[str] = set()
        self.made = 0  # files and folders that were written elsewhere than asked

    def elsewhere(self, path: Any) -> str | None:
        """Where a path's content is written; None where it may be written as it is: below scratch, and devices."""
        name = os.path.abspath(os.fsdecode(path))
        if name.startswith((self.scratch + os.sep, "/dev/", "/proc/")) or name == self.scratch:
            return None
        return os.path.join(self._out, name.lstrip(os.sep).replace(":", "_"))

    def to_read(self, path: Any) -> Any:
        """The path to read: what was written there before, else the file itself."""
        other = self.elsewhere(path)
        there = other is not None and (os.path.lexists(other) or os.path.lexists(other + PREFIXED))
        return other if there else path

    def to_write(self, path: Any, keep: bool = False) -> Any:
        """The path to write, its folder made. keep: whether what stands there is added to, and so copied first."""
        other = self.elsewhere(path)
        if other is None:
            return path
        self.made += 1
        _makedirs(os.path.dirname(other), exist_ok=True)
        if keep and not os.path.lexists(other) and os.path.isfile(path):
            with contextlib.suppress(OSError):
                _copyfile(path, other)
        return other

    def install(self) -> None:
        """Puts itself between the program and the files."""
        builtins.open = io.open = self._open(builtins.open)
        os.open = self._os_open(os.open)
        os.mkdir = self._mkdir(os.mkdir)
        for name in ("remove", "unlink", "rmdir"):
            setattr(os, name, self._remove(getattr(os, name)))
        for name in ("rename", "replace"):
            setattr(os, name, self._rename(getattr(os, name)))
        for name in ("stat", "lstat", "statvfs", "access", "utime", "chmod", "chdir", "readlink"):
            setattr(os, name, self._read(getattr(os, name)))
        os.listdir = self._listdir(os.listdir)
        os.scandir = self._scandir(os.scandir)
        for name in ("exists", "isfile", "isdir", "islink", "getsize", "getmtime"):
            setattr(os.path, name, self._read(getattr(os.path, name)))
        for name in ("symlink", "link"):
            setattr(os, name, self._link(getattr(os, name)))
        for places, change in ((NATIVE_WRITERS, self._to_write_natively), (NATIVE_READERS, self.to_read)):
            for module, attribute, of in places:
                onimport.when(module, partial(self._native, attribute=attribute, of=of, change=change))
        setattr(shutil, "rmtree", self._rmtree(shutil.rmtree))  # noqa: B010  mypy holds its type

    def _to_write_natively(self, path: Any) -> Any:
        """As `to_write`; what stands in a folder of checkpoints is copied, since the program may go on from there."""
        other = self.to_write(path)
        if other is not path and os.path.isfile(os.path.join(path, "checkpoint")) and not os.path.lexists(other):
            _copytree(path, other)
        return other

    def _native(self, module: ModuleType, attribute: str, of: str | None, change: Callable[[Any], Any]) -> None:
        """A function, or the making of a class, whose first or second argument is a path that native code opens."""
        holder = getattr(module, of, None) if of else module
        original: Callable[..., Any] | None = getattr(holder, attribute, None)
        if holder is None or original is None:
            return
        first = 1 if of else 0

        def made(*args: Any, **kwargs: Any) -> Any:
            args = tuple(
                change(one) if first <= number < first + 2 and isinstance(one, LIKE_FILES) else one
                for number, one in enumerate(args)
            )
            for name in KEYWORDS:
                if isinstance(kwargs.get(name), LIKE_FILES):
                    kwargs[name] = change(kwargs[name])
            return original(*args, **kwargs)

        setattr(holder, attribute, made)

    def _open(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            if isinstance(file, LIKE_FILES):
                writes = WRITES & set(mode)
                file = self.to_write(file, keep="w" not in mode) if writes else self.to_read(file)
            return original(file, mode, *args, **kwargs)

        return opened

    def _os_open(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def opened(path: Any, flags: int, *args: Any, **kwargs: Any) -> Any:
            if isinstance(path, LIKE_FILES) and kwargs.get("dir_fd") is None:
                writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
                path = self.to_write(path, keep=not flags & os.O_TRUNC) if writes else self.to_read(path)
            return original(path, flags, *args, **kwargs)

        return opened

    def _mkdir(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def made(path: Any, *args: Any, **kwargs: Any) -> Any:
            if os.path.lexists(path):
                return original(path, *args, **kwargs)  # says that it exists
            return original(self.to_write(path), *args, **kwargs)

        return made

    def _remove(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def removed(path: Any, *args: Any, **kwargs: Any) -> Any:
            other = None if kwargs.get("dir_fd") is not None else self.elsewhere(path)
            if other is None:
                return original(path, *args, **kwargs)
            if os.path.lexists(other):
                return original(other, *args, **kwargs)
            if not os.path.lexists(path):
                return original(path, *args, **kwargs)  # says that it does not exist
            return None  # a file of the person's stays

        return removed

    def _rename(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def renamed(source: Any, target: Any, *args: Any, **kwargs: Any) -> Any:
            inside = self.elsewhere(source)
            if inside is not None and not os.path.lexists(inside) and os.path.isfile(source):
                _copyfile(source, self.to_write(target))  # a file of the person's stays where it is
                return None
            return original(self.to_read(source), self.to_write(target), *args, **kwargs)

        return renamed

    def _read(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def read(path: Any = ".", *args: Any, **kwargs: Any) -> Any:
            if isinstance(path, LIKE_FILES) and kwargs.get("dir_fd") is None:
                path = self.to_read(path)
            return original(path, *args, **kwargs)

        return read

    def _both(self, path: Any) -> tuple[Any, str] | None:
        """A folder and what was written into it, where both are there."""
        other = self.elsewhere(path) if isinstance(path, LIKE_FILES) else None
        return (path, other) if other is not None and os.path.lexists(other) else None

    def _listdir(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def listed(path: Any = ".") -> Any:
            both = self._both(path)
            if both is None:
                return original(path)
            written = original(both[1])
            return [*(name for name in _if_there(original, path) if name not in written), *written]

        return listed

    def _scandir(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def scanned(path: Any = ".") -> Any:
            both = self._both(path)
            if both is None:
                return original(path)
            written = list(original(both[1]))
            names = {entry.name for entry in written}
            return _Entries([*(entry for entry in _if_there(original, path) if entry.name not in names), *written])

        return scanned

    def _link(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def linked(source: Any, target: Any, *args: Any, **kwargs: Any) -> Any:
            return original(self.to_read(source), self.to_write(target), *args, **kwargs)

        return linked

    def _rmtree(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def removed(path: Any, *args: Any, **kwargs: Any) -> Any:
            other = self.elsewhere(path)
            if other is None:
                return original(path, *args, **kwargs)
            if os.path.lexists(other):
                return original(other, *args, **kwargs)
            return None

        return removed


class _Entries:
    """Entries of several folders, as os.scandir gives those of one."""

    def __init__(self, entries: list[Any]) -> None:
        self._entries = iter(entries)

    def __enter__(self) -> _Entries:
        return self

    def __exit__(self, *fault: object) -> None:
        self.close()

    def __iter__(self) -> _Entries:
        return self

    def __next__(self) -> Any:
        return next(self._entries)

    def close(self) -> None:
        """Nothing is open."""


def _if_there(read: Callable[..., Any], path: Any) -> list[Any]:
    try:
        return list(read(path))
    except OSError:
        return []


_makedirs, _copyfile, _copytree = os.makedirs, shutil.copyfile, shutil.copytree
