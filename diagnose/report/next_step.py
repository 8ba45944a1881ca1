"""The one command that would show most now, for programs that read the JSON report."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from diagnose.model import Diagnosis, redacted
from diagnose.model.checkpoint import BY_RUN
from diagnose.own_program import program_of
from diagnose.report.subject import Subject

REPORT = "--report --format json"


@dataclass(frozen=True)
class NextStep:
    """A command as a line for a shell, and why it helps."""

    command: str
    why: str


def next_step(diagnosis: Diagnosis, subject: Subject) -> NextStep | None:
    """The first of these that is left: finish the run, see the program run, fix what can be fixed, examine the training
    behind a checkpoint, measure by short trainings.

    None where nothing is left, or where what was examined has no name that could be typed again, or one with a secret.
    """
    named = [word for word in (subject.data, subject.config) if word]
    if not named or any(word.startswith("-") or redacted(word) != word for word in named):  # "-": standard input
        return None
    command, evidence = f"diagnose {shlex.join(named)}", diagnosis.evidence
    again = f"{command} --run {REPORT}" if evidence.ran else f"{command} {REPORT}"
    if diagnosis.interrupted:
        return NextStep(again, "this run was interrupted before its end")
    seen = evidence.autopsy.named_by == BY_RUN if evidence.autopsy else evidence.ran is not None
    if evidence.autopsy is not None and not seen and program_of(subject.config):
        file = shlex.quote(evidence.autopsy.file)
        why = "the program was read and not run: its own evaluation shows what it does with the checkpoint"
        return NextStep(f"{command} --checkpoint {file} --run {REPORT}", why)
    if evidence.autopsy is None and not seen and evidence.code and program_of(subject.config):
        return NextStep(f"{command} --run {REPORT}", "the program was read and not run: a run in miniature shows more")
    if subject.config and any(finding.changes or finding.rewrites for finding in diagnosis.findings):
        measured = " --verify" if subject.data else ""  # which takes images
        return NextStep(f"{command} --fix{measured}", "a patch can be made of what was found")
    if not (subject.data and subject.config):
        return None
    if evidence.autopsy is not None:
        return NextStep(again, "the checkpoint was examined, and not the training that it comes from")
    if evidence.measured is None and not any(gap.code == "probes" and gap.failed for gap in diagnosis.not_examined):
        return NextStep(again, "short trainings would measure what is only read so far")
    return None
