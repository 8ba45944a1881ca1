"""The Diagnosis as Markdown, for a pull request or a wiki: verdict, findings with their details folded, tables."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.model import Attribution, Confusion, Diagnosis, Finding, Probes, Severity, coverage
from diagnose.report.checkpoint import checkpoint_lines, checkpoint_tables
from diagnose.report.dataset import COLUMNS, class_cells, shortcut_line
from diagnose.report.gaps import by_reason
from diagnose.report.gfm import fenced, folded, rows, safe, table
from diagnose.report.history import history_lines
from diagnose.report.inputs import inputs_line
from diagnose.report.network import STAGE_COLUMNS, network_lines, stage_rows
from diagnose.report.outlook import outlook
from diagnose.report.probes import (
    by_step,
    by_step_title,
    frozen_line,
    glanced,
    matrix_title,
    more_steps,
    pairs_line,
    summary,
    time_lines,
)
from diagnose.report.run import ran_line, run_rows
from diagnose.report.source import code_line
from diagnose.report.subject import Subject, examined_line
from diagnose.report.text import PROBE_COLUMNS, because, data_line, probe_rows, rate_line, shown
from diagnose.report.tuned import COLUMNS as COLUMNS_OF_TUNING
from diagnose.report.tuned import left_out_lines, tuned_line, tuned_rows
from diagnose.report.waterfall import REMAINDER, points, waterfall_line

SIGNS = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.INFO: "ℹ️"}
COLUMNS_OF_FINDINGS = ("", "code", "finding", "fix", "place")  # of `row`


def render_markdown(diagnosis: Diagnosis, subject: Subject | None = None) -> str:
    """CommonMark with GitHub's tables and HTML's details; names from files are escaped. subject: what was examined, and
    the patches of its findings."""
    return "\n".join(_lines(diagnosis, subject or Subject())).rstrip() + "\n"


def _lines(diagnosis: Diagnosis, subject: Subject) -> Iterator[str]:
    data, probes = diagnosis.evidence.dataset, diagnosis.evidence.measured
    yield f"## diagnose: {safe(diagnosis.verdict)}\n"
    if diagnosis.worth_of_pretraining:
        yield f"{safe(diagnosis.worth_of_pretraining)}\n"
    yield f"{counts_line(diagnosis)}\n"
    if diagnosis.findings:
        yield from table(COLUMNS_OF_FINDINGS, map(row, diagnosis.findings))
        for finding in diagnosis.findings:
            if not finding.because_of:
                yield from _details(finding, subject.patches.get(finding.fingerprint, ""))
    if data:
        yield f"**Data**: {safe(data_line(data))}\n"
        if line := shortcut_line(data):
            yield f"{safe(line)}\n"
        if data.table:
            yield from folded("Classes", table(COLUMNS, map(class_cells, data.table)))
    if diagnosis.contrast:
        yield f"**Against {safe(diagnosis.contrast.other)}**: {safe(diagnosis.contrast.verdict)}\n"
        differing = [(one.factor, one.this, one.other, one.effect) for one in diagnosis.contrast.differences]
        yield from table(("factor", "this", "other", "what to expect"), differing)
    if ran := diagnosis.evidence.ran:
        yield f"**Your program, run in miniature**: {safe(ran_line(ran))}\n"
        yield from table(("what", "seen"), [(name, safe(text)) for name, text in run_rows(ran)])
    if past := diagnosis.evidence.past:
        yield "**Earlier runs**\n"
        yield from (f"- {safe(line)}" for line in history_lines(past))
        yield ""
    if checkpoint := diagnosis.evidence.autopsy:
        yield f"**Checkpoint {safe(checkpoint.file)}**\n"
        yield from (f"- {safe(line.removeprefix('- '))}" for line in checkpoint_lines(checkpoint))
        yield ""
        for title, columns, cells in checkpoint_tables(checkpoint):
            yield from folded(title, table(columns, cells))
    own = diagnosis.evidence.own
    if own:
        yield f"**Your network {safe(own.source)}**{': it failed, ' + safe(own.crash) if own.crash else ''}\n"
        yield from (f"- {safe(line)}" for line in network_lines(own))
        yield ""
        if own.own and own.reference:
            yield from folded("Stages beside ResNet50", table(STAGE_COLUMNS, stage_rows(own.own, own.reference)))
    if tuning := diagnosis.tuning:
        yield f"**Tuning**: {safe(tuned_line(tuning))}\n"
        tried = (
            *table(COLUMNS_OF_TUNING, tuned_rows(tuning)),
            *(f"- {safe(line)}" for line in left_out_lines(tuning)),
        )
        yield from folded("Recipes tried", tried)
    if probes and probes.attribution:
        gap = probes.attribution
        yield f"**What explains the gap**: {safe(waterfall_line(gap))}\n"
        yield from table(("factor", "from", "to", "points", ""), _waterfall_rows(gap))
    if probes:
        yield from _probes(probes)
    if uncovered := coverage(diagnosis.results).uncovered:
        yield f"Not looked at by any check: {safe('; '.join(uncovered))}.\n"
    if diagnosis.not_examined:
        gaps = (
            f"- {'**failed** ' if failed else ''}{codes}: {safe(why)}" for failed, codes, why in by_reason(diagnosis)
        )
        yield from folded(f"Not examined: {len(diagnosis.not_examined)} parts", gaps)
    yield f"{safe(examined_line(diagnosis, subject))}\n"


def _waterfall_rows(gap: Attribution) -> Iterator[tuple[str, ...]]:
    """The configured result, every part, the remainder, and where they lead."""
    yield "as configured", "", "", f"{gap.start:.1%}", ""
    for part in gap.parts:
        yield part.factor, part.before, part.after, points(part.gain), part.confidence
    if len(gap.parts) > 1:
        yield "remainder", REMAINDER, "", points(gap.remainder), ""
    yield gap.towards, "", "", f"{gap.goal:.1%}", ""


def _probes(probes: Probes) -> Iterator[str]:
    yield f"**Probes**: {safe(summary(probes))}\n"
    if probes.frozen:
        yield f"- {safe(frozen_line(probes.frozen))}"
    if looked := glanced(probes):
        yield f"- {safe(by_step_title(probes))}:"
    for run in looked:
        yield f"  - {safe(f'{run.arm}: {by_step(run)}; {more_steps(run, probes.val_images)}')}"
    lines = [rate_line(probes.learning_rate)] if probes.learning_rate else []
    lines += [inputs_line(probes.inputs)] if probes.inputs else []
    lines += [pairs_line(probes.confusion)] if probes.confusion and probes.confusion.pairs else []
    yield from (f"- {safe(line)}" for line in (*lines, *outlook(probes), *time_lines(probes)))
    yield ""
    if probes.runs:
        yield from folded("Probes, arm by arm", table(PROBE_COLUMNS, probe_rows(probes.runs)))
    if probes.confusion and probes.confusion.counts:
        yield from folded(matrix_title(probes.confusion), _matrix(probes.confusion))


def _matrix(confusion: Confusion) -> Iterator[str]:
    counted = (
        (f"**{safe(name)}**", *(f"**{count}**" if at == column else str(count) for column, count in enumerate(counts)))
        for at, (name, counts) in enumerate(zip(confusion.classes, confusion.counts, strict=True))
    )
    yield from rows(("label, then answers", *map(safe, confusion.classes)), counted)


def counts_line(diagnosis: Diagnosis) -> str:
    """How many findings of each severity, and how much was looked at."""
    passed = sum(result.state == "passed" for result in diagnosis.results)
    counts = ", ".join(f"{diagnosis.count(s)} {s.value}{'' if diagnosis.count(s) == 1 else 's'}" for s in Severity)
    return f"{counts}; {passed} checks passed, {len(diagnosis.not_examined)} parts not examined."


def row(finding: Finding) -> tuple[str, ...]:
    """The cells of a finding: sign, name, what is wrong, the fix, and its place. What follows from another finding says
    from which."""
    place = str(finding.location) if finding.location else ""
    name = f"{finding.code} {finding.name}"
    if finding.because_of:
        return SIGNS[finding.severity], f"↳ {name}", f"{finding.summary} {because(finding)}", finding.fix, place
    return SIGNS[finding.severity], name, finding.summary, finding.fix, place


def _details(finding: Finding, patch: str) -> Iterator[str]:
    """The evidence, the line of code and the patch, folded."""
    lines = [f"- **confidence**: {finding.confidence}"]
    if finding.measured:
        lines.append(f"- **evidence**: {safe(shown(finding.measured))}")
    lines += [f"- {safe(file)}" for file in finding.files]
    if code := code_line(finding.location):
        lines += ["", *fenced([code], "")]
    if patch:
        lines += ["", *fenced(patch.splitlines(), "diff")]
    yield from folded(f"{finding.code} {finding.name}: evidence{' and patch' if patch else ''}", lines)
