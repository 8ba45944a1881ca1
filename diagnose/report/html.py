"""The Diagnosis as one HTML page that needs nothing else: no network, no script, pictures inside it.

Every name of a file, a class or a setting goes through Jinja's escaping, so that none can become markup.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from diagnose.model import (
    BEST_KNOWN,
    Attribution,
    Confusion,
    Diagnosis,
    Finding,
    Histogram,
    Measured,
    OwnNetwork,
    Probes,
    Severity,
    coverage,
    printable,
)
from diagnose.registry import explanation, load_checks
from diagnose.report.chart import BOTTOM, HEIGHT, LEFT, RIGHT, WIDTH, Chart, chart
from diagnose.report.curves import loss_curves, within_sight
from diagnose.report.dataset import COLUMNS, class_cells, pictured, shortcut_line
from diagnose.report.network import STAGE_COLUMNS, network_lines, stage_rows
from diagnose.report.outlook import outlook
from diagnose.report.probes import (
    by_step,
    by_step_title,
    frozen_line,
    glanced,
    matrix_title,
    more_steps,
    pair_words,
    summary,
    time_lines,
)
from diagnose.report.text import LOWER_BOUND, MARKS, PROBE_COLUMNS, data_line, probe_rows, rate_line, shown
from diagnose.report.tuned import COLUMNS as COLUMNS_OF_TUNING
from diagnose.report.tuned import left_out_lines, tuned_line, tuned_rows
from diagnose.report.waterfall import REMAINDER, points, waterfall_line

DARKEST = 0.6  # opacity of a cell that holds all answers of its label; the number on it stays readable


def render_html(diagnosis: Diagnosis) -> str:
    """The whole page."""
    environment = Environment(
        loader=PackageLoader("diagnose.report", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    evidence = diagnosis.evidence
    data, probes = evidence.dataset, evidence.measured
    checks = load_checks()
    return environment.get_template("page.html.j2").render(
        diagnosis=diagnosis,
        printable=printable,
        severities=[(severity, diagnosis.count(severity)) for severity in Severity],
        marks=MARKS,
        findings=[
            (
                finding,
                list(_details(finding)),
                pictured(finding, data.pictures if data else {}),
                explanation(checks[finding.code]),
                follow,
            )
            for finding, follow in _groups(diagnosis.findings)
        ],
        data=data,
        data_line=data_line(data) if data else "",
        histograms=[(name, _bars(one)) for name, one in data.histograms.items() if one.counts] if data else [],
        shortcut_line=shortcut_line(data) if data else "",
        columns=COLUMNS,
        rows=[class_cells(row) for row in data.table] if data else [],
        tuning=(tuned_line(diagnosis.tuning), list(tuned_rows(diagnosis.tuning)), left_out_lines(diagnosis.tuning))
        if diagnosis.tuning
        else None,
        tuning_columns=COLUMNS_OF_TUNING,
        waterfall=_waterfall(probes.attribution) if probes and probes.attribution else None,
        probe_columns=PROBE_COLUMNS,
        probes=_probes(probes) if probes else None,
        charts=_charts(probes) if probes else [],
        network_charts=_network_charts(evidence.own),
        box=(WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM),
        contrast=diagnosis.contrast,
        network=evidence.own,
        stage_columns=STAGE_COLUMNS,
        stages=list(stage_rows(*pair)) if (pair := _networks(evidence.own)) else [],
        network_lines=list(network_lines(evidence.own)) if evidence.own else [],
        sentences=_sentences(diagnosis),
        passed=[result for result in diagnosis.results if result.state == "passed"],
        gaps=diagnosis.not_examined,
        uncovered=coverage(diagnosis.results).uncovered,
    )


def _charts(probes: Probes) -> list[Chart]:
    """Losses of the probes, the range test, and accuracy by images."""
    losses = [
        (name, arm, list(zip(steps, values, strict=True)))
        for name, (arm, steps, values) in loss_curves(probes.runs).items()
    ]
    made = [chart("Training loss of the probes, mean over seeds", "step", "loss", losses)]
    if tested := probes.learning_rate:
        named = (("configured", tested.configured), ("suggested", tested.suggested))
        marks = [(rate, name) for name, rate in named if rate]
        curve = [("smoothed loss", "configured", within_sight(tested))]
        made.append(chart("Learning-rate range test", "learning rate", "loss", curve, logarithmic=True, marks=marks))
    by_images = [
        (one.start, one.start, [(images, 100 * reached) for images, reached in one.points]) for one in probes.curves
    ]
    made.append(chart("Validation accuracy by images per class", "images per class", "accuracy in %", by_images, True))
    return [one for one in made if one]


def _probes(probes: Probes) -> dict[str, Any]:
    """The section's sentences, rows, accuracy by step and matrix."""
    confusion, looked = probes.confusion, glanced(probes)
    accuracies = [(run.arm, run.arm, [(step, 100 * reached) for step, reached in run.glances]) for run in looked]
    baseline = [(100 * probes.prior, "majority-class baseline")]
    return {
        "chart": chart(by_step_title(probes), "step", "accuracy in %", accuracies, levels=baseline),
        "summary": summary(probes),
        "frozen": frozen_line(probes.frozen) if probes.frozen else "",
        "rows": list(probe_rows(probes.runs)),
        "by_step": [(run.arm, by_step(run), more_steps(run, probes.val_images)) for run in looked],
        "pairs": [pair_words(pair) for pair in confusion.pairs] if confusion else [],
        "matrix_title": matrix_title(confusion) if confusion else "",
        "matrix": list(_matrix(confusion)) if confusion and confusion.counts else [],
        "time": list(time_lines(probes)),
    }


def _matrix(told: Confusion) -> Iterator[tuple[str, list[tuple[int, str, float]]]]:
    """Of each class its name and cells: the count, whether it is right or wrong, and how dark the cell is, by the share
    of the label's answers. The number says the same as the colour."""
    for at, (name, counts) in enumerate(zip(told.classes, told.counts, strict=True)):
        total = max(1, sum(counts))
        yield (
            name,
            [
                (count, "right" if at == column else "wrong", round(DARKEST * count / total, 3))
                for column, count in enumerate(counts)
            ],
        )


def _network_charts(network: OwnNetwork | None) -> list[Chart]:
    """A person's own network by depth, beside ResNet50."""
    pair = _networks(network)
    if pair is None:
        return []
    made = []
    for title, name in (("Activations by depth", "activation"), ("Gradients by depth", "gradient")):
        sides = (("yours", "configured", pair[0]), ("ResNet50", "pretrained", pair[1]))
        curves = [
            (label, kind, _by_depth([getattr(layer, name) for layer in side.layers])) for label, kind, side in sides
        ]
        made.append(chart(title, "share of the depth", "log10", curves))
    return [one for one in made if one]


def _networks(network: OwnNetwork | None) -> tuple[Measured, Measured] | None:
    return (network.own, network.reference) if network and network.own and network.reference else None


def _by_depth(values: Sequence[float]) -> list[tuple[float, float]]:
    """Logarithms over 0 (first layer) to 1 (last); what is zero or no number is left out."""
    last = max(1, len(values) - 1)
    return [(n / last, math.log10(value)) for n, value in enumerate(values) if math.isfinite(value) and value > 0]


def _groups(findings: Sequence[Finding]) -> list[tuple[Finding, list[Finding]]]:
    """Each cause with what follows from it."""
    groups: list[tuple[Finding, list[Finding]]] = []
    for finding in findings:
        if finding.because_of:
            groups[-1][1].append(finding)
        else:
            groups.append((finding, []))
    return groups


def _details(finding: Finding) -> Iterator[tuple[str, str]]:
    yield "fix", printable(finding.fix)
    if finding.measured:
        yield "evidence", printable(shown(finding.measured))
    yield "confidence", finding.confidence.value
    if finding.location:
        yield "place", printable(str(finding.location))


def _bars(one: Histogram) -> dict[str, Any]:
    """Heights in percent of the highest, and the ends of the axis."""
    most = max(one.counts)
    return {
        "bars": [(round(100 * count / most, 1), count) for count in one.counts],
        "low": f"{one.edges[0]:.3g}",
        "high": f"{one.edges[-1]:.3g}",
    }


def _waterfall(told: Attribution) -> dict[str, Any]:
    """Rows of (name, change, left end and width in percent, points, word)."""
    steps = [(part.factor, f"{part.before} → {part.after}", part.gain, str(part.confidence)) for part in told.parts]
    if len(steps) > 1:
        steps.append(("remainder", REMAINDER, told.remainder, ""))
    levels = [told.start]
    for _, _, gain, _ in steps:
        levels.append(levels[-1] + gain.difference)
    low, high = min((*levels, told.goal)), max((*levels, told.goal))
    width = max(high - low, 1e-9)

    def across(one: float, other: float) -> tuple[float, float]:
        first, last = sorted((one, other))
        return round(100 * (first - low) / width, 2), round(max(0.5, 100 * (last - first) / width), 2)

    rows = [("as configured", "", *across(low, told.start), f"{told.start:.1%}", "", "level")]
    for number, (name, change, gain, word) in enumerate(steps):
        kind = "gain" if gain.difference > 0 else "loss"
        ends = across(levels[number], levels[number + 1])
        rows.append((name, printable(change), *ends, points(gain), word, kind))
    towards = "best known" if told.towards == BEST_KNOWN else told.towards
    rows.append((towards, "", *across(low, told.goal), f"{told.goal:.1%}", "", "level"))
    return {"line": waterfall_line(told), "rows": rows}


def _sentences(diagnosis: Diagnosis) -> list[str]:
    probes = diagnosis.evidence.measured
    if probes is None:
        return []
    told = [rate_line(probes.learning_rate)] if probes.learning_rate else []
    told += list(outlook(probes))
    if any(run.arm == "scratch" for run in probes.runs):
        told.append(LOWER_BOUND)
    return [printable(line) for line in (*told, *probes.notes)]
