"""The verdict in plain sentences: what to fix first, or what the silence of the checks is worth."""

from __future__ import annotations

from collections.abc import Sequence

from diagnose.model.basics import Severity
from diagnose.model.check import CheckResult
from diagnose.model.coverage import coverage, listed
from diagnose.model.finding import Finding

MOST = 3  # causes named: what a reader keeps in mind
BEGINS = {
    Severity.ERROR: "Do not start the full training run yet.",
    Severity.WARNING: "The run should work, but it would lose accuracy or time.",
}


def verdict(findings: Sequence[Finding], results: Sequence[CheckResult], interrupted: bool) -> str:
    """Whether to start the full run, with the gravest causes and their fixes; what was looked at where none is found.

    findings: in the order of `diagnose.model.causes`. results: of all checks, for what was not looked at.
    """
    groups = causes(findings)
    for severity, begins in BEGINS.items():
        graves = [group for group in groups if any(one.severity is severity for one in group)]
        if graves:
            return f"{begins} {_named(graves, severity)}"
    return f"{'Stopped before the end. ' if interrupted else ''}{silence(results)}"


def silence(results: Sequence[CheckResult]) -> str:
    """One sentence for where nothing was found: what was looked at and what was not, and why."""
    looked = coverage(results)
    unseen = [f"{listed(looked.uncovered)} (no check of this run covers them)"] if looked.uncovered else []
    unseen += [f"{listed(topics)} ({why})" for why, topics in looked.lacking]
    judged = any(result.state in ("passed", "failed") for result in results)
    found = "No fault was found" if judged else "No check had the evidence that it needs"
    found += f" in {listed(looked.examined)}" if looked.examined else ""
    return f"{found}; not looked at: {', '.join(unseen)}." if unseen else f"{found}."


def causes(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Each cause with what follows from it."""
    groups: list[list[Finding]] = []
    for finding in findings:
        if finding.because_of and groups:
            groups[-1].append(finding)
        else:
            groups.append([finding])
    return groups


def _named(groups: Sequence[Sequence[Finding]], severity: Severity) -> str:
    sentences = [_sentence(group, severity) for group in groups[:MOST]]
    if len(sentences) == 1:
        return sentences[0]
    more = f" And {len(groups) - MOST} more." if len(groups) > MOST else ""
    return " ".join(f"({number}) {sentence}" for number, sentence in enumerate(sentences, start=1)) + more


def _sentence(group: Sequence[Finding], severity: Severity) -> str:
    """The cause with its place and fix; where a consequence is graver than its cause, that one too."""
    cause = group[0]
    place = f" ({cause.location})" if cause.location else ""
    graver = next((one for one in group if one.severity is severity), cause)
    leads = f", hence {graver.code} {graver.name}" if graver is not cause else ""
    return f"{cause.summary.removesuffix('.')}{place}{leads}. Fix: {cause.fix.removesuffix('.')}."
