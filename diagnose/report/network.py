"""A person's own network for people: its stages beside ResNet50's, and activations and gradients by depth."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from diagnose.model import Measured, OwnNetwork, printable
from diagnose.report.arms import arms_lines

BARS = "▁▂▃▄▅▆▇█"
STAGE_COLUMNS = ("stride", "convolutions", "channels", "parameters", "ResNet50's", "channels", "parameters")
WIDEST = 60  # characters of a sparkline


def print_network(network: OwnNetwork, console: Console) -> None:
    """Prints the comparison with torchvision's ResNet50 of the same number of classes."""
    console.print(Text.assemble(("\nYour network ", "bold"), printable(network.source)), soft_wrap=True)
    if network.crash:
        console.print(Text(f"It failed: {printable(network.crash)}"), soft_wrap=True)
    own, reference = network.own, network.reference
    if own is not None and reference is not None:
        console.print(stages_table(own, reference))
    for line in network_lines(network):
        console.print(Text(printable(line)))
    if own is None or reference is None:
        return
    for title, attribute in (("activations", "activation"), ("gradients", "gradient")):
        console.print(Text(f"\n{title} by depth, first layer to last, logarithmic", "dim"))
        rows = {"yours": own, "ResNet50": reference}
        values = {name: [float(getattr(layer, attribute)) for layer in one.layers] for name, one in rows.items()}
        low, high = _span([v for row in values.values() for v in row])
        for name, row in values.items():
            console.print(Text(f"{name:9}{sparkline(row, low, high)}  {row[0]:.1e} … {row[-1]:.1e}"), soft_wrap=True)


def stages_table(own: Measured, reference: Measured) -> Table:
    """One row for each resolution that either works at."""
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for column in STAGE_COLUMNS:
        table.add_column(column, justify="right")
    for row in stage_rows(own, reference):
        table.add_row(*row)
    return table


def stage_rows(own: Measured, reference: Measured) -> Iterator[tuple[str, ...]]:
    """The cells of each resolution, and of the whole."""
    mine = {stage.stride: stage for stage in own.stages}
    theirs = {stage.stride: stage for stage in reference.stages}
    for stride in sorted({*mine, *theirs}):
        cells: list[str] = []
        for side in (mine, theirs):
            stage = side.get(stride)
            cells += [str(stage.convolutions), str(stage.channels), f"{stage.parameters:,}"] if stage else ["-"] * 3
        yield str(stride), *cells
    yield ("all", str(own.convolutions), "", f"{own.parameters:,}", str(reference.convolutions), "",
           f"{reference.parameters:,}")  # fmt: skip


def network_lines(network: OwnNetwork) -> Iterator[str]:
    """The first loss, whether one batch is learned by heart, and how fast it learns, beside ResNet50."""
    yield from _beside_resnet50(network)
    yield from arms_lines(network)


def _beside_resnet50(network: OwnNetwork) -> Iterator[str]:
    own, reference = network.own, network.reference
    if own is None or reference is None:
        return
    yield (
        f"Initial loss {own.initial_loss:.3g} (ResNet50 {reference.initial_loss:.3g}, "
        f"ln of {network.classes} classes {math.log(network.classes):.3g})"
    )
    if own.overfit_accuracy is not None:
        beside = "" if reference.overfit_accuracy is None else f"; ResNet50 {reference.overfit_accuracy:.0%}"
        blank = "" if own.blank_accuracy is None else f", {own.blank_accuracy:.0%} on blank images"
        yield f"One batch overfitted: {own.overfit_accuracy:.0%} in {len(own.overfit)} steps{blank}{beside}"


def sparkline(values: list[float], low: float, high: float) -> str:
    """A bar for each value on a logarithmic scale from `low` to `high`; `!` for what is zero or no number."""
    step = max(1, math.ceil(len(values) / WIDEST))
    return "".join(_bar(value, low, high) for value in values[::step])


def _bar(value: float, low: float, high: float) -> str:
    if not math.isfinite(value) or value <= 0:
        return "!"
    share = (math.log(value) - math.log(low)) / max(1e-9, math.log(high) - math.log(low))
    return BARS[min(len(BARS) - 1, max(0, int(share * len(BARS))))]


def _span(values: list[float]) -> tuple[float, float]:
    finite = [value for value in values if math.isfinite(value) and value > 0]
    return (min(finite), max(finite)) if finite else (1.0, 1.0)
