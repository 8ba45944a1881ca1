"""A rule that judges evidence, and how it ended."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from diagnose.model.basics import NotExamined
from diagnose.model.evidence import Evidence
from diagnose.model.finding import Finding


@dataclass(frozen=True)
class CheckResult:
    """How one check ended: passed, failed, skipped (and why) or crashed (and how)."""

    code: str
    name: str
    state: str
    seconds: float
    why: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Check:
    """A rule: `judge` is a pure function of the evidence, `needs` names the evidence it cannot do without."""

    code: str
    name: str
    needs: tuple[str, ...]
    judge: Callable[[Evidence], Iterator[Finding]]

    def run(self, evidence: Evidence) -> tuple[str, str, tuple[Finding, ...]]:
        """State, reason and findings. A fault in the check itself is a result ("crashed"), not an exception."""
        try:
            for need in self.needs:
                evidence.require(need)
            found = tuple(self._stamped(finding) for finding in self.judge(evidence))
        except NotExamined as missing:
            return "skipped", str(missing), ()
        except Exception as fault:  # one broken check must not take the others with it
            return "crashed", f"{type(fault).__name__}: {fault}", ()
        return ("failed" if found else "passed"), "", found

    def _stamped(self, finding: Finding) -> Finding:
        mark = hashlib.sha256(f"{self.code}\0{finding.subject}".encode()).hexdigest()[:16]
        return replace(finding, code=self.code, name=self.name, fingerprint=mark)
