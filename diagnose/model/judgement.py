"""From evidence to findings: the check, what it finds, and the whole Diagnosis."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from diagnose.model.basics import Confidence, Location, NotExamined, Severity
from diagnose.model.config import Config, Setting
from diagnose.model.dataset import Dataset
from diagnose.model.network import Measured, Network
from diagnose.model.probes import Probes
from diagnose.model.program import Program

if TYPE_CHECKING:
    from diagnose.model.contrast import Contrast

T = TypeVar("T")


@dataclass(frozen=True)
class Evidence:
    """All that checks may look at. `absent` says why a part is missing: {"probes": "--no-probes was given"}."""

    dataset: Dataset | None = None
    configuration: Config | None = None
    measured: Probes | None = None
    absent: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    code: Program | None = None
    own: Network | None = None

    def _part(self, value: T | None, name: str) -> T:
        if value is None:
            raise NotExamined(self.absent.get(name, f"there is no evidence on the {name}"))
        return value

    @property
    def data(self) -> Dataset:
        return self._part(self.dataset, "data")

    @property
    def config(self) -> Config:
        return self._part(self.configuration, "config")

    @property
    def probes(self) -> Probes:
        return self._part(self.measured, "probes")

    @property
    def program(self) -> Program:
        return self._part(self.code, "program")

    @property
    def network(self) -> Network:
        return self._part(self.own, "network")

    @property
    def own_network(self) -> Measured:
        """What was measured of the person's own network; raises NotExamined where it did not run."""
        if self.network.own is None:
            raise NotExamined("the network did not run")
        return self.network.own

    @property
    def training_images(self) -> int:
        """Images in the split that is trained on."""
        return self.data.in_split(self.data.train_split)

    @property
    def long_run_steps(self) -> int:
        """Optimizer steps of the configured run; raises NotExamined where epochs or batch size are unknown."""
        return self.config.epochs.get() * -(-self.training_images // self.config.batch_size.get())

    def require(self, need: str) -> None:
        """Raises NotExamined unless `need`, such as "data" or "config.weights", is there."""
        part, _, item = need.partition(".")
        value = getattr(self, part)
        if item:
            value = getattr(value, item)
            if isinstance(value, Setting):
                if not value.known:
                    raise NotExamined(value.why)
            elif value is None:
                lacking = (
                    "the network did not run" if part == "network" else f"the probes gave no {item.replace('_', ' ')}"
                )
                raise NotExamined(self.absent.get(need, lacking))


@dataclass(frozen=True)
class Finding:
    """One fault. A check fills in what it measured; `code`, `name` and `fingerprint` are stamped by `Check.run`."""

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
    rewrites: tuple[str, ...] = ()  # of the program, by their names in diagnose.program.rewrites, the best first
    code: str = ""
    name: str = ""
    fingerprint: str = ""


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
