"""What a report is about, as it was asked for: beside the Diagnosis, which holds what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from diagnose.model import Diagnosis, printable, redacted


@dataclass(frozen=True)
class Subject:
    """data, config: as typed. patches: for findings that can be fixed in the files, by fingerprint a unified diff.
    settings: the file of the project's settings."""

    data: str | None = None
    config: str | None = None
    patches: Mapping[str, str] = field(default_factory=dict)
    settings: str | None = None

    @property
    def name(self) -> str:
        """ "photos + train.py", without secrets; empty where neither is known."""
        return " + ".join(printable(redacted(word)) for word in (self.data, self.config) if word)


def examined_line(diagnosis: Diagnosis, subject: Subject) -> str:
    """The images and the program, when, for how long, and on which device where anything was trained."""
    measured = diagnosis.evidence.measured
    devices = dict.fromkeys(run.device for run in measured.runs) if measured else {}
    parts = [subject.name, diagnosis.started.replace("T", " ")[:16]]
    parts += [f"{diagnosis.seconds:.1f} s", *(f"probes on {device}" for device in devices if device)]
    return f"Examined: {', '.join(part for part in parts if part)}"
