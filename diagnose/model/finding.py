"""One fault that a check found: what, where, how it is known and how it is fixed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from diagnose.model.basics import Confidence, Location, Severity


@dataclass(frozen=True)
class Finding:
    """One fault. A check fills in what it measured; `code`, `name` and `fingerprint` are stamped by `Check.run`.

    because_of: the fingerprint of the finding that this one follows from or gives way to, and `because` a clause that
    says which and why; both are filled in by `diagnose.model.causes` once all checks ran.
    """

    severity: Severity
    summary: str
    fix: str
    measured: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    location: Location | None = None
    confidence: Confidence = Confidence.CERTAIN
    subject: str = ""  # what the fault is in, where a check can find several
    changes: Mapping[str, Any] = field(
        default_factory=dict
    )  # fields of the configuration that the fix sets, and to what
    rewrites: tuple[str, ...] = ()  # of the program, by their names in diagnose.fixes.rewrites, the best first
    code: str = ""
    name: str = ""
    fingerprint: str = ""
    because_of: str = ""
    because: str = ""
