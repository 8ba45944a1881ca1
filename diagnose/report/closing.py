"""What to type next: below the verdict of a report in a terminal."""

from __future__ import annotations

import shlex

from diagnose.model import Diagnosis
from diagnose.report.subject import Subject


def next_commands(diagnosis: Diagnosis, subject: Subject, verbose: bool) -> tuple[str, ...]:
    """One line for each command that helps now: the reasons of the first finding, a patch where one may be made, and
    what the report left out."""
    lines = []
    first = next((finding for finding in diagnosis.findings if not finding.because_of), None)
    if first is not None:
        lines.append((f"diagnose --explain {first.code}", "why it matters, and when it is wrong"))
    if subject.config is not None and any(finding.changes or finding.rewrites for finding in diagnosis.findings):
        words = shlex.join(word for word in (subject.data, subject.config) if word)
        lines.append((f"diagnose {words} --fix", "a patch of what can be fixed"))
    if not verbose and (diagnosis.not_examined or diagnosis.evidence.dataset):
        lines.append(("the same with -v", "the classes, and what was not examined"))
    width = max((len(command) for command, _ in lines), default=0)
    return tuple(
        f"{'Next:' if not n else '     '}    {command:{width}}  {why}" for n, (command, why) in enumerate(lines)
    )
