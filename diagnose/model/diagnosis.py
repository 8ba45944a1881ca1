"""The whole result: the evidence, what the checks found in it, and what was not examined."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from diagnose.model.basics import Severity
from diagnose.model.causes import in_order
from diagnose.model.check import CheckResult
from diagnose.model.contrast import Contrast
from diagnose.model.evidence import Evidence
from diagnose.model.finding import Finding
from diagnose.model.tuning import Tuning
from diagnose.model.verdict import verdict


@dataclass(frozen=True)
class Gap:
    """Something that was not examined. `failed` separates "could not be done" from "was not asked for"."""

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
    tuning: Tuning | None = None

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Causes by the harm they are expected to do, each followed by what follows from it."""
        return in_order((finding for result in self.results for finding in result.findings), self.evidence)

    @property
    def gravest(self) -> Severity | None:
        """The severity of the worst finding; None without one. The first finding need not be the worst: a cause comes
        ahead of graver consequences."""
        return min((finding.severity for finding in self.findings), key=lambda one: one.rank, default=None)

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def incomplete(self) -> bool:
        """Whether a part that was asked for could not be examined."""
        return any(gap.failed for gap in self.not_examined)

    @property
    def verdict(self) -> str:
        """Whether to start the full training run, with up to three causes, their places and fixes; or, where nothing
        was found, what was looked at and what was not."""
        return verdict(self.findings, self.results, self.interrupted)

    @property
    def worth_of_pretraining(self) -> str:
        """One sentence on pretrained against scratch, as far as the probes decided it; empty without one."""
        compared = self.evidence.measured.comparison if self.evidence.measured else None
        if compared is None:
            return ""
        gap, interval = 100 * compared.gap.difference, compared.gap.interval
        span = f"{gap:+.1f} points [{100 * interval.low:+.1f}, {100 * interval.high:+.1f}]"
        how = f"{compared.gap.confidence}: {compared.gap.seeds} seeds, {compared.gap.images} validation images"
        if not interval.excludes_zero:
            return f"Whether pretrained weights help here is not decided: {span} ({how})."
        relation = "beats" if gap > 0 else "is behind"
        return f"Pretrained {relation} scratch by {span} on {compared.arch} after equally short training ({how})."
