"""Patches that were proposed: kept until they are verified or written, so that what is written is what was shown."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from diagnose.fixes.draft import Draft
from diagnose.fixes.plan import fix_all
from diagnose.model import Diagnosis, InputError, printable

KEPT = 8  # proposals


@dataclass(frozen=True)
class Proposal:
    """config: the program with its command line, as it is. data: the images that it was judged with."""

    mark: str
    config: str
    data: str | None
    draft: Draft
    left: Mapping[str, str]

    @property
    def patch(self) -> str:
        """A unified diff."""
        return "".join(edit.diff for edit in self.draft.edits)


class Proposals:
    """The last KEPT of them. A context manager: the drafts, which are folders, go with it."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Proposal, ExitStack]] = {}

    def __enter__(self) -> Proposals:
        return self

    def __exit__(self, *_: object) -> None:
        while self._kept:
            self._drop(next(iter(self._kept)))

    def make(self, config: str, data: str | None, diagnosis: Diagnosis) -> Proposal:
        """A patch of what can be fixed, read again before it is offered. Raises InputError where the program cannot be
        read."""
        with ExitStack() as stack:
            draft = stack.enter_context(Draft(config))
            left = fix_all(draft, diagnosis)
            made = Proposal(uuid4().hex[:12], config, data, draft, left)
            self._kept[made.mark] = made, stack.pop_all()
        while len(self._kept) > KEPT:
            self._drop(next(iter(self._kept)))
        return made

    def get(self, mark: str) -> Proposal:
        """Raises InputError for a mark that was never given, or whose patch has been written or dropped."""
        if mark not in self._kept:
            raise InputError(f"No proposal is called {printable(mark)[:40]}: call propose_fix, and give what it names.")
        return self._kept[mark][0]

    def write(self, mark: str) -> dict[Path, Path]:
        """Writes the proposal. Returns for each changed file where its old text is kept. Raises InputError where a file
        was changed since it was proposed; then nothing is written to it."""
        written = {edit.path: edit.write() for edit in self.get(mark).draft.edits}
        self._drop(mark)
        return written

    def _drop(self, mark: str) -> None:
        _, stack = self._kept.pop(mark)
        stack.close()
