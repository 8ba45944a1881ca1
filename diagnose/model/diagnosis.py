"""The whole result: the evidence, what the checks found in it, and what was not examined."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.model.basics import Severity
from diagnose.model.check import CheckResult
from diagnose.model.contrast import Contrast
from diagnose.model.evidence import Evidence
from diagnose.model.finding import Finding


@dataclass(frozen=True)
class Gap:
    """Something that was not examined. `failed` tells "could not be done" from "was not asked for"."""

    code: str
    why: str
    failed: bool = False


@dataclass(frozen=True)
class Diagnosis:
    """The whole result, from which every report and screen is rendered."""

    tool_version: str
    started: str
    seconds: float
    evidence: Evidence
    results: tuple[CheckResult, ...]
    not_examined: tuple[Gap, ...]
    interrupted: bool = False
    contrast: Contrast | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Sorted by severity, code and subject."""
        found = (finding for result in self.results for finding in result.findings)
        return tuple(sorted(found, key=lambda f: (f.severity.rank, f.code, f.subject)))

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def incomplete(self) -> bool:
        """Whether a part that was asked for could not be examined."""
        return any(gap.failed for gap in self.not_examined)

    @property
    def verdict(self) -> str:
        """One sentence: whether to start the long run, and the first thing to mend."""
        errors, warnings = self.count(Severity.ERROR), self.count(Severity.WARNING)
        if errors:
            return f"Do not start the long run yet: {self.findings[0].summary}"
        if warnings:
            return f"The run would work but leave something behind: {self.findings[0].summary}"
        if self.interrupted:
            return "Stopped before the end: no fault in what was examined so far."
        return "No fault found in what was examined."

    @property
    def worth_of_pretraining(self) -> str:
        """One sentence on pretrained against scratch, as far as the probes decided it; empty without one."""
        compared = self.evidence.measured.comparison if self.evidence.measured else None
        if compared is None:
            return ""
        gap, interval = 100 * compared.gap.difference, compared.gap.interval
        span = f"{gap:+.1f} points [{100 * interval.low:+.1f}, {100 * interval.high:+.1f}]"
        how = f"{compared.gap.confidence}: {compared.gap.seeds} seeds, {compared.gap.images} held-out images"
        if not interval.excludes_zero:
            return f"Whether pretrained weights help here is not decided: {span} ({how})."
        relation = "beats" if gap > 0 else "is behind"
        return f"Pretrained {relation} scratch by {span} on {compared.arch} after equally short training ({how})."
