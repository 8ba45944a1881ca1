"""The Diagnosis for people: the verdict, one line per finding with its details below, then the probes."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from diagnose.events import ProbesPlanned
from diagnose.model import (
    Dataset,
    Diagnosis,
    Finding,
    LearningRate,
    ProbeRun,
    Probes,
    Severity,
    coverage,
    printable,
)
from diagnose.report.checkpoint import print_checkpoint
from diagnose.report.contrast import print_contrast
from diagnose.report.curves import draw_losses, draw_range_test, drawn, legend, loss_curves
from diagnose.report.dataset import class_table, histogram_lines, shortcut_line
from diagnose.report.gaps import by_reason
from diagnose.report.history import print_history
from diagnose.report.inputs import inputs_line
from diagnose.report.network import print_network
from diagnose.report.outlook import outlook
from diagnose.report.probes import (
    MOST_IN_LINE,
    by_step,
    by_step_title,
    frozen_line,
    glanced,
    matrix,
    matrix_title,
    more_steps,
    pairs_line,
    summary,
    time_lines,
)
from diagnose.report.run import print_run
from diagnose.report.source import code_line
from diagnose.report.tuned import print_tuning
from diagnose.report.waterfall import waterfall, waterfall_line

COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
MARKS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.INFO: "i"}
PLOT_HEIGHT = 14
LOWER_BOUND = "A short probe from scratch is a lower bound of what a full training run reaches."
WIDEST = 120


def render_text(
    diagnosis: Diagnosis,
    width: int = 100,
    colour: bool = False,
    closing: Sequence[str] | None = None,
    verbose: bool = True,
) -> str:
    """The report as text of at most `width` columns; finding lines are never wrapped, so that grep works.

    closing: the commands to type next, for a terminal, where the verdict stands last, above them; None puts the verdict
    first. verbose: with the table of classes and what was not examined, each with its reason.
    """
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=min(width, WIDEST),
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    print_text(diagnosis, console, closing, verbose)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def print_text(diagnosis: Diagnosis, console: Console, closing: Sequence[str] | None, verbose: bool) -> None:
    """Write the whole report to `console`, as `render_text` says; finding lines are never wrapped."""
    evidence = diagnosis.evidence
    if closing is None:
        _print_verdict(diagnosis, console)
        console.print()
    if evidence.dataset:
        console.print(Text(f"Data: {data_line(evidence.dataset)}"), soft_wrap=True)
        console.print(Group(*(Text(f"  {line}", "dim") for line in histogram_lines(evidence.dataset))))
    for finding in diagnosis.findings:
        if finding.because_of:
            console.print(Text.assemble("    ", consequence_line(finding)), soft_wrap=True)
            continue
        console.print()
        console.print(finding_line(finding), soft_wrap=True)
        console.print(Padding(finding_details(finding), (0, 0, 0, 4)))
    if verbose and evidence.dataset and evidence.dataset.table:
        console.print(Text("\nClasses", "bold"))
        console.print(class_table(evidence.dataset))
        if line := shortcut_line(evidence.dataset):
            console.print(Text(line, "dim"), soft_wrap=True)
    if evidence.ran:
        print_run(evidence.ran, console)
    if evidence.past:
        print_history(evidence.past, console)
    if evidence.autopsy:
        print_checkpoint(evidence.autopsy, console)
    if evidence.own:
        print_network(evidence.own, console)
    if diagnosis.contrast:
        print_contrast(diagnosis.contrast, console)
    if diagnosis.tuning:
        print_tuning(diagnosis.tuning, console)
    if evidence.measured and evidence.measured.attribution:
        attribution = evidence.measured.attribution
        line = f"  {waterfall_line(attribution)}"
        console.print(Text.assemble(("\nWhat explains the gap", "bold"), line), soft_wrap=True)
        console.print(waterfall(attribution))
    if evidence.measured:
        _print_probes(evidence.measured, console)
    if uncovered := coverage(diagnosis.results).uncovered:
        console.print(Text("\nNot looked at by any check", "bold"))
        console.print(Text(f"- {'; '.join(uncovered)}"), soft_wrap=True)
    if verbose and diagnosis.not_examined:
        console.print(Text("\nNot examined", "bold"))
        for failed, codes, why in by_reason(diagnosis):
            console.print(Text(f"{'!' if failed else '-'} {codes}: {why}"), soft_wrap=True)
    if closing is not None:
        _print_closing(diagnosis, console, closing)


def _print_verdict(diagnosis: Diagnosis, console: Console) -> None:
    """The verdict with its causes, what pretraining is worth, and how many findings and checks there are."""
    console.print(Text.assemble(("Verdict: ", "bold"), verdict_line(diagnosis)), soft_wrap=True)
    for line in _below_verdict(diagnosis):
        console.print(Text(f"         {line}"), soft_wrap=True)


def _print_closing(diagnosis: Diagnosis, console: Console, commands: Sequence[str]) -> None:
    """The same at the end of a terminal's report: wrapped at words, each cause on a line of its own."""
    verdict = verdict_line(diagnosis)
    causes = re.split(r" (?=\(\d\) )", verdict.plain)
    grid = Table.grid(padding=(0, 1))
    for number, line in enumerate(causes):
        grid.add_row(Text("" if number else "Verdict:", "bold"), Text(line, verdict.style))
    for line in _below_verdict(diagnosis):
        grid.add_row("", line)
    console.print()
    console.print(grid)
    for command in commands:
        console.print(Text(command, "dim"), soft_wrap=True)


def _below_verdict(diagnosis: Diagnosis) -> Iterator[str]:
    if diagnosis.worth_of_pretraining:
        yield diagnosis.worth_of_pretraining
    counts = ", ".join(f"{diagnosis.count(s)} {s.value}{'' if diagnosis.count(s) == 1 else 's'}" for s in Severity)
    passed = sum(result.state == "passed" for result in diagnosis.results)
    yield f"{counts}; {passed} checks passed, {_not_examined_count(diagnosis)} not examined"


def verdict_line(diagnosis: Diagnosis) -> Text:
    """The verdict in the colour of the gravest finding."""
    style = COLOURS[diagnosis.gravest] if diagnosis.gravest else "bold green"
    return Text(printable(diagnosis.verdict), style)


def data_line(data: Dataset) -> str:
    """Counts, sizes and statistics in one line."""
    splits = ", ".join(f"{data.in_split(split)} {split}" for split in data.counts)
    mean, std = (" ".join(f"{value:.3f}" for value in values) for values in (data.mean, data.std))
    return (
        f"{data.images} images ({splits}) in {len(data.classes)} classes, median size "
        f"{data.width.median}×{data.height.median}, mean {mean}, std {std}"
    )


def finding_line(finding: Finding) -> Text:
    """Code, severity, name, summary and place: all that a line of grep should show."""
    place = ""
    if finding.location:
        place = f" ({printable(str(finding.location))})"
    return Text.assemble(
        (f"{MARKS[finding.severity]} {finding.code} {finding.severity.value}", COLOURS[finding.severity]),
        (f" {finding.name}: ", "bold"),
        printable(finding.summary),
        (place, "dim"),
    )


def consequence_line(finding: Finding) -> Text:
    """A finding that follows from another one, in a line below it."""
    return Text.assemble(finding_line(finding), (f" {because(finding)}", "dim"))


def because(finding: Finding) -> str:
    """What the finding follows from or gives way to, as a sentence."""
    return f"{finding.because[:1].upper()}{finding.because[1:]}."


def finding_details(finding: Finding) -> RenderableType:
    """The evidence, the fix and the files, for below a finding's line."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    if code := code_line(finding.location):
        assert finding.location is not None
        table.add_row(f"line {finding.location.line}", Text(code))
    table.add_row("fix", Text(printable(finding.fix), "green"))
    if finding.measured:
        table.add_row("evidence", Text(printable(shown(finding.measured))))
    table.add_row("confidence", Text(finding.confidence.value))
    for number, file in enumerate(finding.files):
        table.add_row("" if number else "files", Text(file))
    return table


def shown(value: Any) -> str:
    """A measured value in a few characters."""
    if isinstance(value, Mapping):
        return ", ".join(f"{str(key).replace('_', ' ')} {shown(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return "[" + ", ".join(shown(item) for item in value) + "]" if value else "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3g}"
    return "unknown" if value is None else str(value)


def setting_shown(value: Any) -> str:
    """A field's value as a configuration says it: a tuple that is empty means "none"."""
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):  # options
        return ", ".join(f"{name}: {shown(line)}" for name, line in value)
    if isinstance(value, bool):
        return str(value)  # as it is written
    return "none" if value == () else shown(value)


def _not_examined_count(diagnosis: Diagnosis) -> int:
    return sum(result.state in ("skipped", "crashed") for result in diagnosis.results)


def _print_probes(probes: Probes, console: Console) -> None:
    console.print(Text("\nProbes", "bold"))
    console.print(Text(summary(probes)))
    if probes.frozen:
        console.print(Text(frozen_line(probes.frozen)))
    if probes.runs:
        console.print(probe_table(probes.runs, architecture=len({run.arch for run in probes.runs}) > 1))
    if looked := glanced(probes):
        console.print(Text(f"{by_step_title(probes)}:"))
        console.print(Padding(_by_step_table(looked, probes), (0, 0, 0, 2)))
    if probes.confusion:
        if line := pairs_line(probes.confusion):
            console.print(Text(line))
        if 0 < len(probes.confusion.counts) <= MOST_IN_LINE:
            console.print(Text(f"{matrix_title(probes.confusion)}:"))
            console.print(Padding(matrix(probes.confusion), (0, 0, 0, 2)))
    if probes.inputs:
        console.print(Text(inputs_line(probes.inputs)), soft_wrap=True)
    if probes.learning_rate:
        console.print(Text(rate_line(probes.learning_rate)), soft_wrap=True)
    for line in outlook(probes):
        console.print(Text(line), soft_wrap=True)
    if any(run.arm == "scratch" for run in probes.runs):
        console.print(Text(LOWER_BOUND, "dim"))
    for line in time_lines(probes):
        console.print(Text(line, "yellow"))
    for note in probes.notes:
        console.print(Text(f"- {printable(note)}", "dim"), soft_wrap=True)
    plots: list[RenderableType] = []
    curves = loss_curves(probes.runs)
    if curves:
        plots += [Text("\nTraining loss by step, mean over the seeds"), legend(curves)]
        plots.append(Text.from_ansi(drawn(draw_losses, curves, console.width, PLOT_HEIGHT)))
    if probes.learning_rate and probes.learning_rate.curve:
        plots.append(Text("\nLearning-rate range test"))
        plots.append(Text.from_ansi(drawn(draw_range_test, probes.learning_rate, console.width, PLOT_HEIGHT)))
    console.print(Group(*plots))


def _by_step_table(runs: list[ProbeRun], probes: Probes) -> Table:
    """Two lines for each arm: its accuracies, and what more steps would do."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for run in runs:
        table.add_row(run.arm, Text(by_step(run)))
        table.add_row("", Text(more_steps(run, probes.val_images), "dim"))
    return table


def planned_line(event: ProbesPlanned) -> str:
    """What will run, and for how long."""
    return f"Will run {len(event.arms)} probes, about {minutes(event.seconds)}: {'; '.join(event.arms)}"


def minutes(seconds: float) -> str:
    """Minutes and seconds as 2:05."""
    whole, rest = divmod(round(seconds), 60)
    return f"{whole}:{rest:02}"


def rate_line(tested: LearningRate) -> str:
    """What the search for the learning rate came to."""
    if tested.suggested is None:
        tried = f" among {len(tested.tried)} learning rates" if tested.tried else ""
        return f"Learning rate: no best one was found{tried} in runs this short, so none is suggested."
    band = f", from {tested.band[0]:.2g} to {tested.band[1]:.2g} about as good" if tested.band else ""
    line = f"Learning rate: {tested.suggested:.2g} is the best estimate from {len(tested.tried)} rates tried{band}"
    if tested.configured is not None:
        line += f"; configured {tested.configured:.2g}"
    if tested.lost_steps:
        line += f", which wastes about {tested.lost_steps:.0%} of the steps"
    return line + ". The best learning rate of a full training run may be lower."


PROBE_COLUMNS = ("arm", "architecture", "weights", "seeds", "steps", "lr", "accuracy", "each seed")


def probe_table(runs: tuple[ProbeRun, ...], architecture: bool = True) -> Table:
    """One row per arm and architecture: accuracies over its seeds. architecture: whether it has a column."""
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    shown_columns = [number for number, name in enumerate(PROBE_COLUMNS) if architecture or name != "architecture"]
    for number in shown_columns:
        name = PROBE_COLUMNS[number]
        if number < 3:
            table.add_column(name, no_wrap=name == "arm", overflow="fold", min_width=9)
        else:
            table.add_column(name, justify="right", no_wrap=name != "each seed")
    for row in probe_rows(runs):
        table.add_row(*(row[number] for number in shown_columns))
    return table


def probe_rows(runs: tuple[ProbeRun, ...]) -> Iterator[tuple[str, ...]]:
    """The cells of PROBE_COLUMNS for each arm and architecture."""
    for key in dict.fromkeys((run.arm, run.arch) for run in runs):
        own = [run for run in runs if (run.arm, run.arch) == key]
        reached = [run.val_accuracy for run in own if run.val_accuracy is not None]
        mean = f"{sum(reached) / len(reached):.1%}" if reached else "-"
        diverged = sum(run.diverged for run in own)
        yield (
            own[0].arm,
            own[0].arch,
            own[0].weights,
            str(len(own)),
            str(own[0].steps),
            f"{own[0].learning_rate:.2g}" if own[0].learning_rate else "-",
            mean + (f" ({diverged} diverged)" if diverged else ""),
            " ".join("NaN" if run.val_accuracy is None else f"{100 * run.val_accuracy:.0f}" for run in own),
        )
