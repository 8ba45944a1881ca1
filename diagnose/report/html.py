"""The Diagnosis as one HTML page that needs nothing else: no network, no script, pictures inside it.

Every name of a file, a class or a setting goes through Jinja's escaping, so that none can become markup.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from diagnose.model import (
    BEST_KNOWN,
    Attribution,
    Confusion,
    Dataset,
    Diagnosis,
    Finding,
    GivenInputs,
    Histogram,
    Probes,
    Run,
    Severity,
    coverage,
    printable,
)
from diagnose.model.verdict import BEGINS, MOST, causes
from diagnose.registry import explanation, load_checks
from diagnose.report.chart import BOTTOM, HEIGHT, LEFT, RIGHT, WIDTH
from diagnose.report.checkpoint import checkpoint_lines, checkpoint_tables
from diagnose.report.dataset import COLUMNS, class_cells, pictured, shortcut_line
from diagnose.report.figures import accuracy_chart, beside_reference, network_charts, probe_charts
from diagnose.report.gaps import by_reason
from diagnose.report.history import history_charts, history_lines
from diagnose.report.inputs import AS_PICTURES, CHANNELS, inputs_line
from diagnose.report.network import STAGE_COLUMNS, network_lines, stage_rows
from diagnose.report.outlook import outlook
from diagnose.report.probes import (
    by_step,
    frozen_line,
    glanced,
    matrix_title,
    more_steps,
    pair_words,
    summary,
    time_lines,
)
from diagnose.report.run import GIVEN, ran_line, run_rows
from diagnose.report.source import code_line
from diagnose.report.subject import Subject, examined_line
from diagnose.report.text import LOWER_BOUND, MARKS, PROBE_COLUMNS, data_line, probe_rows, rate_line, shown
from diagnose.report.tuned import COLUMNS as COLUMNS_OF_TUNING
from diagnose.report.tuned import left_out_lines, tuned_line, tuned_rows
from diagnose.report.waterfall import REMAINDER, points, waterfall_line

DARKEST = 0.6  # opacity of a cell that holds all answers of its label; the number on it stays readable
MOST_CLASSES = 500  # rows of classes and splits, some 150 kB; the JSON report has them all
OPEN_CLASSES = 24  # rows that are not folded
DIFF = {"+": "added", "-": "removed", "@": "place"}  # the style of a patch's line by its first character


def render_html(diagnosis: Diagnosis, subject: Subject | None = None) -> str:
    """The whole page. subject: what was examined, and the patches of its findings."""
    environment = Environment(
        loader=PackageLoader("diagnose.report", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    evidence, subject = diagnosis.evidence, subject or Subject()
    data, probes = evidence.dataset, evidence.measured
    pair = beside_reference(evidence.own)
    return environment.get_template("page.html.j2").render(
        diagnosis=diagnosis,
        printable=printable,
        examined=examined_line(diagnosis, subject),
        verdict=_verdict(diagnosis),
        severities=[(severity, diagnosis.count(severity)) for severity in Severity],
        marks=MARKS,
        findings=list(_findings(diagnosis, subject)),
        data=data,
        data_line=data_line(data) if data else "",
        histograms=[(name, _bars(one)) for name, one in data.histograms.items() if one.counts] if data else [],
        shortcut_line=shortcut_line(data) if data else "",
        columns=COLUMNS,
        classes=_classes(data) if data else None,
        tuning=(tuned_line(diagnosis.tuning), list(tuned_rows(diagnosis.tuning)), left_out_lines(diagnosis.tuning))
        if diagnosis.tuning
        else None,
        tuning_columns=COLUMNS_OF_TUNING,
        waterfall=_waterfall(probes.attribution) if probes and probes.attribution else None,
        probe_columns=PROBE_COLUMNS,
        probes=_probes(probes) if probes else None,
        inputs=_inputs(probes.inputs) if probes and probes.inputs else None,
        charts=probe_charts(probes) if probes else [],
        network_charts=network_charts(evidence.own),
        box=(WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM),
        ran=_ran(evidence.ran) if evidence.ran else None,
        history_lines=list(history_lines(evidence.past)) if evidence.past else [],
        history_charts=history_charts(evidence.past),
        contrast=diagnosis.contrast,
        checkpoint=evidence.autopsy,
        checkpoint_lines=list(checkpoint_lines(evidence.autopsy)) if evidence.autopsy else [],
        checkpoint_tables=list(checkpoint_tables(evidence.autopsy)) if evidence.autopsy else [],
        network=evidence.own,
        stage_columns=STAGE_COLUMNS,
        stages=list(stage_rows(*pair)) if pair else [],
        network_lines=list(network_lines(evidence.own)) if evidence.own else [],
        sentences=_sentences(diagnosis),
        passed=[result for result in diagnosis.results if result.state == "passed"],
        gaps=list(by_reason(diagnosis)),
        uncovered=coverage(diagnosis.results).uncovered,
    )


def _verdict(diagnosis: Diagnosis) -> dict[str, Any]:
    """The sentence that begins the verdict, then its gravest causes; the whole verdict where there are none."""
    grave = [group for group in causes(diagnosis.findings) if any(one.severity in BEGINS for one in group)]
    if not grave or diagnosis.gravest is None:
        return {"begins": diagnosis.verdict, "causes": [], "more": 0}
    named = [group[0] for group in grave[:MOST]]
    return {"begins": BEGINS[diagnosis.gravest], "causes": named, "more": len(grave) - len(named)}


def _findings(diagnosis: Diagnosis, subject: Subject) -> Iterator[dict[str, Any]]:
    """Each cause with what follows from it."""
    checks, data = load_checks(), diagnosis.evidence.dataset
    for finding, *follow in causes(diagnosis.findings):
        pictures = pictured(finding, data.pictures if data else {})
        seen = {name for name, _ in pictures}
        patch = subject.patches.get(finding.fingerprint, "")
        yield {
            "finding": finding,
            "code": code_line(finding.location),
            "patch": [(DIFF.get(line[:1], ""), printable(line)) for line in patch.splitlines()],
            "details": list(_details(finding)),
            "pictures": pictures,
            "files": [file for file in finding.files if file not in seen],  # a caption names those
            "text": explanation(checks[finding.code]),
            "follow": follow,
        }


def _details(finding: Finding) -> Iterator[tuple[str, str]]:
    if finding.measured:
        yield "evidence", printable(shown(finding.measured))
    yield "confidence", finding.confidence.value


def _classes(data: Dataset) -> dict[str, Any]:
    """Rows of (cells, percent of the largest class and split), the first of very many."""
    most = max((row.images for row in data.table), default=1)
    rows = [(class_cells(row), round(100 * row.images / max(1, most), 1)) for row in data.table[:MOST_CLASSES]]
    return {"rows": rows, "more": len(data.table) - len(rows), "open": len(data.table) <= OPEN_CLASSES}


def _probes(probes: Probes) -> dict[str, Any]:
    """The section's sentences, rows, accuracy by step and matrix."""
    confusion = probes.confusion
    return {
        "chart": accuracy_chart(probes),
        "summary": summary(probes),
        "frozen": frozen_line(probes.frozen) if probes.frozen else "",
        "rows": list(probe_rows(probes.runs)),
        "by_step": [(run.arm, by_step(run), more_steps(run, probes.val_images)) for run in glanced(probes)],
        "pairs": [pair_words(pair) for pair in confusion.pairs] if confusion else [],
        "matrix_title": matrix_title(confusion) if confusion else "",
        "matrix": list(_matrix(confusion)) if confusion and confusion.counts else [],
        "time": list(time_lines(probes)),
    }


def _inputs(given: GivenInputs) -> dict[str, Any]:
    """The sentence, the channels' histograms, and what the network is given as pictures."""
    charts = [
        (f"{name}, {what}", _bars(one), name)
        for what, channels in (("pixels", given.before), ("given", given.after))
        for name, one in zip(CHANNELS, channels, strict=True)
    ]
    return {"line": inputs_line(given), "charts": charts, "pictures": given.pictures, "how": AS_PICTURES}


def _matrix(confusion: Confusion) -> Iterator[tuple[str, list[tuple[int, str, float]]]]:
    """Of each class its name and cells: the count, whether it is right or wrong, and how dark the cell is, by the share
    of the label's answers. The number says the same as the colour."""
    for at, (name, counts) in enumerate(zip(confusion.classes, confusion.counts, strict=True)):
        total = max(1, sum(counts))
        yield (
            name,
            [
                (count, "right" if at == column else "wrong", round(DARKEST * count / total, 3))
                for column, count in enumerate(counts)
            ],
        )


def _bars(one: Histogram) -> dict[str, Any]:
    """Heights in percent of the highest, and the ends of the axis."""
    most = max(one.counts)
    return {
        "bars": [(round(100 * count / most, 1), count) for count in one.counts],
        "low": f"{one.edges[0]:.3g}",
        "high": f"{one.edges[-1]:.3g}",
    }


def _waterfall(gap: Attribution) -> dict[str, Any]:
    """Rows of (name, change, left end and width in percent, points, word)."""
    steps = [(part.factor, f"{part.before} → {part.after}", part.gain, str(part.confidence)) for part in gap.parts]
    if len(steps) > 1:
        steps.append(("remainder", REMAINDER, gap.remainder, ""))
    levels = [gap.start]
    for _, _, gain, _ in steps:
        levels.append(levels[-1] + gain.difference)
    low, high = min((*levels, gap.goal)), max((*levels, gap.goal))
    width = max(high - low, 1e-9)

    def across(one: float, other: float) -> tuple[float, float]:
        first, last = sorted((one, other))
        return round(100 * (first - low) / width, 2), round(max(0.5, 100 * (last - first) / width), 2)

    rows = [("as configured", "", *across(low, gap.start), f"{gap.start:.1%}", "", "level")]
    for number, (name, change, gain, word) in enumerate(steps):
        kind = "gain" if gain.difference > 0 else "loss"
        ends = across(levels[number], levels[number + 1])
        rows.append((name, printable(change), *ends, points(gain), word, kind))
    towards = "best known" if gap.towards == BEST_KNOWN else gap.towards
    rows.append((towards, "", *across(low, gap.goal), f"{gap.goal:.1%}", "", "level"))
    return {"line": waterfall_line(gap), "rows": rows}


def _sentences(diagnosis: Diagnosis) -> list[str]:
    probes = diagnosis.evidence.measured
    if probes is None:
        return []
    lines = [rate_line(probes.learning_rate)] if probes.learning_rate else []
    lines += list(outlook(probes))
    if any(run.arm == "scratch" for run in probes.runs):
        lines.append(LOWER_BOUND)
    return [printable(line) for line in (*lines, *probes.notes)]


def _ran(run: Run) -> dict[str, Any]:
    """What the program did in miniature: a line, rows and pictures."""
    return {"line": ran_line(run), "rows": list(run_rows(run)), "pictures": run.pictures, "how": GIVEN}
