"""A configuration as it would be with some files changed: read there before anything is written here."""

from __future__ import annotations

import difflib
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from diagnose.config.read import path_of
from diagnose.fixes.script import Script
from diagnose.model import InputError

BACKUP = ".orig"


@dataclass(frozen=True)
class Edit:
    """One file as it is and as it would be."""

    path: Path
    before: str
    after: str

    @property
    def diff(self) -> str:
        """A unified diff, as `git apply` and `patch -p1` take it in the current folder."""
        near = os.path.relpath(self.path)
        name = (Path(near) if not near.startswith("..") else self.path.absolute()).as_posix().lstrip("/")
        lines = difflib.unified_diff(
            self.before.splitlines(keepends=True), self.after.splitlines(keepends=True), f"a/{name}", f"b/{name}"
        )
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)

    def undo(self, backup: Path) -> None:
        """Puts the old file back from where `write` kept it. Raises InputError where the file was changed since."""
        if text_of(self.path) != self.after:
            raise InputError(f"{self.path} was changed since, so nothing was undone; the old file is {backup.name}.")
        try:
            os.replace(backup, self.path)
        except OSError as fault:
            raise InputError(f"{self.path} cannot be written ({fault.strerror}): check its permissions.") from None

    def write(self) -> Path:
        """Puts the new text in place of the old, whole or not at all. Returns where the old one is kept.

        Raises InputError where the file is another one by now, or cannot be written.
        """
        try:
            if text_of(self.path) != self.before:
                raise InputError(f"{self.path} was changed meanwhile, so nothing was written: run diagnose again.")
            backup = _free_name(self.path)
            shutil.copy2(self.path, backup)
            handle, draft = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(self.after)
            shutil.copymode(self.path, draft)
            os.replace(draft, self.path)
        except OSError as fault:
            raise InputError(f"{self.path} cannot be written ({fault.strerror}): check its permissions.") from None
        return backup


class Draft:
    """The folder of a configuration by links, with changed files in the place of their own. A context manager.

    given: what --config would be given to read the draft.
    """

    def __init__(self, given: str) -> None:
        self.given = given
        self._path = path_of(given)
        self._root = self._path.absolute().parent
        self._folder = self._root  # until there is one
        self._before: dict[Path, str] = {}
        self._after: dict[Path, str] = {}

    def __enter__(self) -> Draft:
        """Raises InputError where the configuration cannot be read."""
        self._folder = Path(tempfile.mkdtemp(prefix="diagnose-"))
        self.given = self.given.replace(str(self._path), str(self.entry))
        try:
            self.put(self._path, text_of(self._path))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def entry(self) -> Path:
        """The configuration's own file, in the draft."""
        return self._folder / self._path.name

    def text(self, path: Path) -> str:
        """The text that a file would have. Raises InputError where it cannot be read."""
        path = self.original(path)
        return self._after[path] if path in self._after else text_of(path)

    @property
    def texts(self) -> Mapping[Path, str]:
        """The text of each changed file, by its path outside the draft."""
        return dict(self._after)

    def restore(self, texts: Mapping[Path, str]) -> None:
        """Set the changed files back to what `texts` held earlier; those it lacks become as they were at first."""
        for path, before in self._before.items():
            self.put(path, texts.get(path, before))

    def put(self, path: Path, text: str) -> None:
        """Set the text of a file, given by its path outside or inside the draft.

        Raises OutsideDraft for a file outside the configuration's folder, InputError for one that cannot be read.
        """
        path = self.original(path)
        try:
            parts = path.relative_to(self._root).parts
        except ValueError:
            raise OutsideDraft(f"{path} lies outside the program's folder") from None
        if path not in self._before:
            self._before[path] = text_of(path)
        self._after[path] = text
        for depth, part in enumerate(parts):
            here, there = self._root.joinpath(*parts[:depth]), self._folder.joinpath(*parts[:depth])
            if there.is_symlink():
                there.unlink()
            there.mkdir(exist_ok=True)
            for item in here.iterdir():
                if item.name != part and not os.path.lexists(there / item.name):
                    (there / item.name).symlink_to(item.absolute())
        target = self._folder.joinpath(*parts)
        target.unlink(missing_ok=True)
        target.write_text(text, encoding="utf-8", newline="")

    def original(self, path: Path) -> Path:
        """The path outside the draft of a path in it; any other path as an absolute one."""
        path = path.absolute()
        return self._root / path.relative_to(self._folder) if path.is_relative_to(self._folder) else path

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The files that differ from what is on disk, each with both texts."""
        return tuple(
            Edit(path, self._before[path], text) for path, text in self._after.items() if text != self._before[path]
        )


class CannotEdit(Exception):
    """The change cannot be written by this program. The message says why."""


class OutsideDraft(CannotEdit):
    """A file that the configuration reads from another folder, which nothing is written to."""


def text_of(path: Path) -> str:
    """A file's text with its line ends as they are. Raises InputError where it cannot be read as UTF-8."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{path} cannot be read any more, so nothing was written.") from None


def _free_name(path: Path) -> Path:
    """A name for the backup that is not taken: earlier backups are never overwritten."""
    number = 0
    while True:
        backup = path.with_name(f"{path.name}{BACKUP}{number or ''}")
        if not backup.exists():
            return backup
        number += 1


def script_of(text: str) -> Script:
    """The text with its tree. Raises CannotEdit where it is Python of another version, which was read as this one's."""
    try:
        return Script(text)
    except SyntaxError:
        raise CannotEdit("it is written for another version of Python: convert it first") from None
