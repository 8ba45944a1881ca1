"""The programs that an editor has open, and what was found in each when it was saved last. Nothing is run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from diagnose.config.read import path_of
from diagnose.fixes.draft import CannotEdit, Edit
from diagnose.fixes.plan import patch
from diagnose.model import Evidence, Finding, InputError
from diagnose.request import Request
from diagnose.rereading import Rereading

NO_IMAGES = {
    name: "an editor shows what reading finds" for name in ("data", "probes", "checkpoint", "history", "network")
}


@dataclass
class Opened:
    """One file that is open. patches: by fingerprint, as far as they were asked for."""

    reading: Rereading
    findings: tuple[Finding, ...] = ()
    patches: dict[str, tuple[Edit, ...]] = field(default_factory=dict)


class Programs:
    """What is open, by absolute path. request: which checks there are, and the project's own program with its options.
    Raises InputError where that is not a command line."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._own = path_of(request.config).resolve() if request.config else None
        self._opened: dict[Path, Opened] = {}

    def open(self, path: Path) -> None:
        """Read the file from now on, if it turns out to be a training program or a configuration."""
        request = replace(self._request, config=self._given(path))
        self._read(path, Opened(Rereading(request, Evidence(absent=NO_IMAGES))))

    def close(self, path: Path) -> None:
        """Forget the file."""
        self._opened.pop(path, None)

    def refresh(self) -> None:
        """Read again what has changed, or imports what has."""
        for path, opened in list(self._opened.items()):
            if opened.reading.changed:
                self._read(path, opened)

    def findings(self) -> Iterator[tuple[Path, Finding]]:
        """Every finding with the file where it stands: that of its program, where it names none."""
        for path, opened in self._opened.items():
            for finding in opened.findings:
                yield Path(finding.location.file).absolute() if finding.location else path, finding

    def edits(self, finding: Finding) -> tuple[Edit, ...]:
        """The patch of the finding, each file whole; empty where it cannot be made."""
        for opened in self._opened.values():
            if finding in opened.findings:
                if finding.fingerprint not in opened.patches:
                    opened.patches[finding.fingerprint] = _patch(opened.reading, finding)
                return opened.patches[finding.fingerprint]
        return ()

    def _given(self, path: Path) -> str:
        """The command line that the project's settings give for this program, else the file alone."""
        return str(self._request.config) if path.resolve() == self._own else str(path)

    def _read(self, path: Path, opened: Opened) -> None:
        """Where it cannot be read, as while a line is half written, what was found before stays."""
        self._opened[path] = opened
        try:
            findings = opened.reading.read()
        except InputError:
            return
        config = opened.reading.evidence.configuration
        trains = config is not None and (config.optimizer.known or config.model.known)
        self._opened[path] = Opened(opened.reading, findings if trains else ())


def _patch(reading: Rereading, finding: Finding) -> tuple[Edit, ...]:
    if not (finding.changes or finding.rewrites):
        return ()
    try:
        return patch(reading.config, finding, reading.evidence)
    except (CannotEdit, InputError):
        return ()
