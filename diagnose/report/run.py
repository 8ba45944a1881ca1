"""What a program did in miniature, for people: one line on how far it came, and a row for each thing that was seen."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from diagnose.model import Pixels, Run, SeenFeed, SeenStep, printable
from diagnose.report.dataset import histogram_line

TITLE = "Your program, run in miniature"
GIVEN = "Training images as they reach the network, on one scale from the lowest to the highest value."
SCALES = {"imagenet": "normalised as ImageNet's"}
ENDS = {
    "enough": "ended once enough was seen",
    "finished": "came to its end",
    "time": "ended at the time limit",
    "running": "still runs",
}


def ran_line(run: Run) -> str:
    """ "12 training steps in 3 epochs, 9 s; ended once enough was seen." """
    how = ENDS.get(run.ended, run.why or run.ended)
    at = f" ({run.location})" if run.location is not None and run.ended not in ENDS else ""
    steps = f"{run.steps} training step{'' if run.steps == 1 else 's'}"
    epochs = f"{run.epochs} epoch{'' if run.epochs == 1 else 's'}"
    return f"{steps} in {epochs}, {run.seconds:.0f} s; {how}{at}."


def run_rows(run: Run) -> Iterator[tuple[str, str]]:
    """What was seen, each with its name; what was not seen has no row."""
    network = run.network
    if network is not None:
        name = f"{network.factory} ({network.name})" if network.factory else network.name
        loaded = f", {network.pretrained:.0%} of them loaded" if network.pretrained else ", none of them loaded"
        yield "network", f"{name}: {network.parameters:,} parameters, {network.trainable:,} may train{loaded}"
        if network.outputs:
            yield "outputs", f"{network.outputs} {network.outputs_are}".strip()
    for feed in run.feeds:
        yield from _feed_rows(feed)
    for number, values in enumerate(run.histograms, start=1):
        yield f"channel {number}", histogram_line(values)
    if run.loss is not None:
        chance = f"; a constant answer has {run.loss.chance:.3f}" if run.loss.chance else ""
        yield "loss", f"{run.loss.name or 'its own'}, {run.loss.first or 0.0:.3f} at the first step{chance}"
    for one in run.optimizers:
        rate = f", learning rate {one.learning_rate:.3g}" if one.learning_rate is not None else ""
        options = "".join(
            f", {name} {value:g}" for name, value in one.options if value and name in ("momentum", "weight_decay")
        )
        passes = f", one step for {one.passes} batches" if one.passes > 1 else ""
        yield "optimizer", f"{one.name}{rate}{options}{passes}"
    yield from _course_rows(run.course)
    for schedule in run.schedules:
        after = (
            f"; {schedule.after_epoch:.3g} of the first rate after one epoch"
            if schedule.after_epoch is not None
            else ""
        )
        yield "schedule", f"{schedule.name}, stepped per {schedule.per or 'epoch'}{after}"
    modes = dict(run.modes.held_out)
    if modes:
        yield "validation mode", "training" if modes.get(True, 0) > modes.get(False, 0) else "evaluation"
    for printed in run.printed[:1]:
        yield (
            "printed",
            f"“{printed.text}”; its outputs and labels give {printed.measured:.1%} of {printed.images} images",
        )
    if run.times is not None:
        yield "a step", f"{run.times.loading:.2f} s loading, {run.times.computing:.2f} s computing, on cut batches"
    for text in run.substitutes:
        yield "not there", text


def _feed_rows(feed: SeenFeed) -> Iterator[tuple[str, str]]:
    size = f" of {feed.images:,} images" if feed.images else ""
    batch = f", batches of {feed.batch_size}" if feed.batch_size else ""
    order = f", {feed.order}" if feed.order else ""
    yield feed.part, f"{feed.dataset}{size}{batch}{order}"
    if feed.pixels is not None:
        yield f"{feed.part} images", pixels_line(feed.pixels)


def pixels_line(pixels: Pixels) -> str:
    """Shape, values and scale of what reaches the first layer with weights."""
    shape = "x".join(map(str, pixels.shape))
    scale = f" ({SCALES.get(pixels.scale, pixels.scale)})" if pixels.scale else ""
    values = f"{pixels.low:.3g} to {pixels.high:.3g}{scale}"
    return f"{shape} {pixels.dtype}, {values}, mean {pixels.mean:.3g}, std {pixels.std:.3g}"


def _course_rows(course: tuple[SeenStep, ...]) -> Iterator[tuple[str, str]]:
    ratios = [step.ratio for step in course if step.ratio is not None]
    if ratios:
        yield "change per step", f"{min(ratios):.2g} to {max(ratios):.2g} of the weights' length"
    rates = [step.rates[0] for step in course if step.rates]
    if rates and max(rates) > min(rates):
        yield "rates as applied", f"{rates[0]:.3g} at first, {rates[-1]:.3g} at last"


def print_run(run: Run, console: Console) -> None:
    """Prints the section of the text report."""
    console.print(Text.assemble((f"\n{TITLE}  ", "bold"), printable(ran_line(run))), soft_wrap=True)
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in run_rows(run):
        table.add_row(name, printable(text))
    if table.row_count:
        console.print(table)
