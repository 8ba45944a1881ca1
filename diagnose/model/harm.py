"""How much harm a finding is expected to do: the key by which findings are ordered.

Harm is a share of the accuracy (0..1). What probes measured counts as measured where the whole interval is above zero;
short probes give a lower bound, so a measurement raises the expectation and never lowers it. Without one it is the
harm that the finding's severity stands for, times how sure the finding is. The numbers order findings; no report
shows them.
"""

from __future__ import annotations

from math import exp

from diagnose.model.basics import Confidence, Severity
from diagnose.model.evidence import Evidence
from diagnose.model.finding import Finding

# An error wastes the run, a warning costs some points, an info next to nothing: a step of ten between them, so that
# certainty orders findings within a severity and only a measurement lifts one above it.
OF_SEVERITY = {Severity.ERROR: 0.5, Severity.WARNING: 0.05, Severity.INFO: 0.005}
OF_CONFIDENCE = {
    Confidence.CERTAIN: 1.0,
    Confidence.SHOWN: 1.0,
    Confidence.INDICATED: 0.8,
    Confidence.LIKELY: 0.6,
    Confidence.NOT_DECIDED: 0.3,
}
# What stops or slows a run but costs no accuracy comes behind what does.
OF_NO_ACCURACY = ("C321", "C322", "C340", "P509", "P510")
SHARE_OF_NO_ACCURACY = 0.2
# The factor of an attribution whose gain is the harm of these findings.
FACTORS = {
    "weights": ("C301", "C304", "C306", "C324", "C339", "D108", "P501"),
    "loss": ("C307", "C308", "M409"),
    "frozen layers": ("C306", "C325", "M408"),
    "preprocessing": ("N201", "N202", "N203", "N204", "N205", "N206", "N207", "N210"),
    "learning rate": ("C302", "C303", "C316", "C344", "P503"),
    "epochs": ("C304",),
    "augmentation": ("C305", "C317", "N211", "P504"),
    "input size": ("C318",),
    "schedule": ("C314", "C326"),
    "shuffling": ("C312",),
    "weight decay": ("C317",),
}


def expected_harm(finding: Finding, evidence: Evidence) -> float:
    """The share of the accuracy (0..1) that the finding is expected to cost."""
    expected = OF_SEVERITY[finding.severity] * OF_CONFIDENCE[finding.confidence]
    if finding.code in OF_NO_ACCURACY:
        expected *= SHARE_OF_NO_ACCURACY
    return max(expected, measured_gain(finding, evidence))


def measured_gain(finding: Finding, evidence: Evidence) -> float:
    """The accuracy that the fix gained in the probes, as a share (0..1); 0 where they measured none or are missing."""
    return max(_attributed(finding, evidence), _by_rate(finding, evidence), _against_reference(finding, evidence))


def _attributed(finding: Finding, evidence: Evidence) -> float:
    attribution = evidence.measured.attribution if evidence.measured else None
    gains = [
        part.gain.difference
        for part in (attribution.parts if attribution else ())
        if finding.code in FACTORS.get(part.factor, ()) and part.gain.interval.low > 0
    ]
    return max(gains, default=0.0)


def _by_rate(finding: Finding, evidence: Evidence) -> float:
    """A held-out loss that is lower by d nats makes the right class exp(d) times as probable, in the geometric mean:
    the configured rate loses a share of 1 - exp(-d)."""
    tested = evidence.measured.learning_rate if evidence.measured else None
    if finding.code not in FACTORS["learning rate"] or tested is None:
        return 0.0
    worse = tested.confirmed
    return 1 - exp(-worse.difference) if worse is not None and worse.interval.low > 0 else 0.0


def _against_reference(finding: Finding, evidence: Evidence) -> float:
    """The gap to pretrained weights, and what the reference recipe or network learned that this one did not."""
    compared = evidence.measured.comparison if evidence.measured else None
    if finding.code == "P501" and compared and compared.gap.interval.low > 0:
        return compared.gap.difference
    if finding.code not in ("M410", "M411", "P506"):
        return 0.0
    reached, possible = finding.measured.get("accuracy"), finding.measured.get("reference")
    network = evidence.own
    if finding.code != "P506" and network and network.own and network.reference:
        reached, possible = network.own.overfit_accuracy, network.reference.overfit_accuracy
    return max(0.0, possible - reached) if reached is not None and possible is not None else 0.0
