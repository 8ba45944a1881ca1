"""Earlier runs, kept as a small file each: for the list of recent projects, for what was cut short, and to compare two.

A run is written down when it begins, and again when it ends, so that one that was killed is known as such.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from diagnose.config.read import path_of
from diagnose.engine import cache_folder
from diagnose.model import Diagnosis, InputError, Severity
from diagnose.report.subject import Subject
from diagnose.report.text import render_text
from diagnose.request import Request

FOLDER = "runs"
MOST = 100  # runs kept
RUNNING, INTERRUPTED, FINISHED = "running", "interrupted", "finished"


@dataclass(frozen=True)
class PastRun:
    """One run as it was written down. report: the JSON of its Diagnosis, empty where it did not end by itself."""

    path: Path
    state: str
    begun: str  # ISO 8601, UTC
    data: str | None
    config: str | None
    report: Mapping[str, Any]
    text: str = ""  # the report for people, with a terminal's colours

    @property
    def cut_short(self) -> bool:
        """Whether the run did not end by itself: cancelled, or its process died."""
        return self.state != FINISHED

    @property
    def verdict(self) -> str:
        """The verdict in a sentence, or "it was cut short" where there is no report."""
        return str(self.report["summary"]["verdict"]) if self.report else "it was cut short"

    @property
    def counts(self) -> str:
        """Errors, warnings and infos, in few characters."""
        if not self.report:
            return ""
        summary = self.report["summary"]
        return f"{summary['errors']} ✗  {summary['warnings']} !  {summary['infos']} i"

    @property
    def project(self) -> tuple[str | None, str | None]:
        """(images, configuration) of the run: runs with the same pair belong together."""
        return self.data, self.config


@dataclass(frozen=True)
class Changed:
    """How a later run differs from an earlier one: findings by (code, name, summary), and the measured gap."""

    gone: tuple[tuple[str, str, str], ...]
    new: tuple[tuple[str, str, str], ...]
    same: int
    settings: tuple[tuple[str, str, str], ...]  # field, before, after
    gap: tuple[float | None, float | None]  # pretrained over scratch, 0..1


def begin(request: Request) -> Path | None:
    """Records that a run begins; None where nothing can be written."""
    data = str(request.data) if request.data is not None else None
    record = {
        "state": RUNNING,
        "process": os.getpid(),
        "begun": datetime.now(UTC).isoformat(timespec="microseconds"),
        "data": os.path.abspath(data) if data and os.path.exists(data) else data,
        "config": _anywhere(str(request.config)) if request.config is not None else None,
        "budget": request.budget,
        "report": {},
    }
    folder = cache_folder() / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(suffix=".json", dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(record, file)
        for path in sorted(folder.glob("*.json"), key=os.path.getmtime)[:-MOST]:
            path.unlink(missing_ok=True)
    except OSError:
        return None
    return Path(name)


def finish(path: Path | None, diagnosis: Diagnosis) -> None:
    """Writes the result down, whole or not at all."""
    if path is None:
        return
    from diagnose.report.json import as_record  # whose models take time to build: not before a run has ended

    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        record["state"] = INTERRUPTED if diagnosis.interrupted else FINISHED
        record["report"] = as_record(diagnosis, Subject())
        record["text"] = render_text(diagnosis, colour=True)
        draft = path.with_suffix(".draft")
        with open(draft, "w", encoding="utf-8", opener=_private) as file:  # the command line may hold a password
            json.dump(record, file)
        os.replace(draft, path)
    except (OSError, ValueError):
        return


def forget(path: Path | None) -> None:
    """Deletes what begin wrote, of a run that could not start."""
    if path is not None:
        path.unlink(missing_ok=True)


def runs() -> list[PastRun]:
    """Every recorded run, the latest first; what cannot be read is left out, and so is one under way."""
    found = []
    for path in (cache_folder() / FOLDER).glob("*.json"):
        try:
            past = json.loads(path.read_text(encoding="utf-8"))
            if past["state"] == RUNNING and _alive(int(past["process"])):
                continue
            run = PastRun(
                path, past["state"], past["begun"], past["data"], past["config"], past["report"], past.get("text", "")
            )
            _ = run.verdict, run.counts
        except (OSError, ValueError, KeyError, TypeError):
            continue
        found.append(run)
    return sorted(found, key=lambda run: run.begun, reverse=True)


def latest(found: list[PastRun]) -> list[PastRun]:
    """The latest run of each project."""
    seen: dict[tuple[str | None, str | None], PastRun] = {}
    for run in found:
        seen.setdefault(run.project, run)
    return list(seen.values())


def difference(before: PastRun, after: PastRun) -> Changed:
    """What changed from one run to another; findings are the same by their fingerprint."""
    old, new = _findings(before), _findings(after)
    settings = (_settings(before), _settings(after))
    names = list(dict.fromkeys((*settings[0], *settings[1])))
    return Changed(
        gone=tuple(old[mark] for mark in old if mark not in new),
        new=tuple(new[mark] for mark in new if mark not in old),
        same=sum(mark in new for mark in old),
        settings=tuple(
            (name, settings[0].get(name, "unknown"), settings[1].get(name, "unknown"))
            for name in names
            if settings[0].get(name) != settings[1].get(name)
        ),
        gap=(_gap(before), _gap(after)),
    )


def _findings(run: PastRun) -> dict[str, tuple[str, str, str]]:
    findings = run.report.get("findings", [])
    ordered = sorted(findings, key=lambda one: Severity(one["severity"]).rank)
    return {one["fingerprint"]: (one["code"], one["name"], one["summary"]) for one in ordered}


def _settings(run: PastRun) -> dict[str, str]:
    config = run.report.get("config") or {}
    return {name: json.dumps(setting["value"]) for name, setting in config.items() if setting["known"]}


def _gap(run: PastRun) -> float | None:
    compared = run.report.get("comparison")
    return float(compared["gap"]) if compared and isinstance(compared.get("gap"), int | float) else None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _anywhere(config: str) -> str:
    """The same from any folder: a file, or a program with its command line."""
    try:
        path = path_of(config)
    except InputError:
        return config
    return config.replace(str(path), str(path.absolute()), 1) if path.exists() else config


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
