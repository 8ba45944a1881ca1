"""The patches of a run's findings: which can be written, which were, and what takes them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from diagnose.fixes.draft import Draft, Edit
from diagnose.fixes.plan import fix_all, found_in, patches
from diagnose.model import Diagnosis

Made = Mapping[str, tuple[Edit, ...] | str]


class Patching:
    """What can be written for the findings of one diagnosis. config: as --config names it.

    made: by fingerprint, the edits, or why there are none; fixed: fingerprints of what is no longer found in the files.
    """

    def __init__(self, config: str, diagnosis: Diagnosis) -> None:
        self._config, self._diagnosis = config, diagnosis
        self.made: Made = {}
        self.fixed: frozenset[str] = frozenset()
        self._before: frozenset[str] | None = None
        self._written: list[tuple[tuple[Edit, Path], ...]] = []  # each change's files, and where the old ones are

    def read(self) -> None:
        """Make the patches from the files as they are now. It takes a while: for a thread."""
        now = found_in(self._config, self._diagnosis.evidence)
        if self._before is None:
            self._before = now
        self.fixed = self._before - now
        self.made = patches(self._config, self._diagnosis, self.fixed)

    def all(self) -> tuple[tuple[Edit, ...], Mapping[str, str]]:
        """The edits of every fix that can be written together, and by code why the others are left.

        Raises InputError where the configuration cannot be read.
        """
        with Draft(self._config) as draft:
            left = fix_all(draft, self._diagnosis, self.fixed)
            return draft.edits, left

    def wrote(self, edits: Sequence[Edit], backups: Sequence[Path]) -> None:
        """Remember what was written, to undo it."""
        self._written.append(tuple(zip(edits, backups, strict=True)))

    def undo(self) -> tuple[Path, ...]:
        """Take back what was written last, and return the files; empty where nothing was.

        Raises InputError where a file was changed since, or cannot be written.
        """
        if not self._written:
            return ()
        last = self._written[-1]
        for edit, backup in last:
            edit.undo(backup)
        self._written.pop()
        return tuple(edit.path for edit, _ in last)
