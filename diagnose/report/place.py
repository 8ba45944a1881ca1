"""Where code hosts show a finding: always a file of the repository and a line, for findings about the images too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from diagnose.model import Diagnosis, Finding, InputError, printable
from diagnose.report.source import source_of
from diagnose.report.subject import Subject

SETTINGS = "diagnose.toml"  # where a project would name what it trains on


@dataclass(frozen=True)
class Place:
    """path: as POSIX writes it, from the repository's root on where it lies inside, else absolute. line, end: from 1;
    end is the column behind the line's last character. own: whether the finding is about this very line."""

    path: str
    line: int = 1
    end: int = 2
    own: bool = False

    @property
    def inside(self) -> bool:
        """Whether the file is one of the repository's."""
        return not self.path.startswith("/")


def repository() -> Path:
    """The root of the repository around the current folder; that folder where it is in none. Code hosts mean all paths
    from there."""
    here = Path.cwd().resolve()
    return next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)


def place_of(finding: Finding, diagnosis: Diagnosis, subject: Subject) -> Place:
    """The finding's line. What has none stands at the head of its file, which is that of the program, configuration or
    settings where the finding names no file either. A notebook's lines count within a cell, not in the file."""
    at = finding.location
    if at and at.line is None and not Path(at.file).exists():
        at = None  # a value that was typed, which names its option in place of a file
    path = _from_root(at.file if at else _head(diagnosis, subject))
    if at is None or at.line is None or at.cell is not None:
        return Place(path)
    lines = (source_of(at) or "").split("\n")
    length = len(lines[at.line - 1]) if at.line <= len(lines) else 0
    return Place(path, at.line, max(length, 1) + 1, own=True)


def message(finding: Finding, place: Place) -> str:
    """What is wrong and how to fix it, with the place in a notebook's cell, which the line cannot show."""
    at = finding.location
    where = f" ({at})" if at and at.line and not place.own else ""
    return printable(f"{finding.summary}{where} Fix: {finding.fix}")


def _from_root(file: str) -> str:
    """Links are resolved: code hosts show no file under the name of a link to it."""
    path, root = Path(file).resolve(), repository()
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _head(diagnosis: Diagnosis, subject: Subject) -> str:
    """The file that stands for the whole training."""
    candidates = [_program(subject.config)] if subject.config else []
    if configuration := diagnosis.evidence.configuration:
        candidates += [setting.file for _, setting in configuration.settings() if setting.file]
    candidates += [file for file in (subject.settings, subject.data) if file]
    return next((file for file in candidates if Path(file).exists()), SETTINGS)


def _program(config: str) -> str:
    from diagnose.config.read import path_of  # most reports do without

    try:
        return str(path_of(config))
    except InputError:
        return config
