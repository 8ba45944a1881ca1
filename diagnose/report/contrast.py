"""A against B for people: the sentence, then each difference with its lines and its expected effect."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from diagnose.model import Contrast, Finding, Location, printable


def print_contrast(contrast: Contrast, console: Console) -> None:
    """Prints the whole comparison."""
    console.print(Text.assemble(("\nAgainst ", "bold"), printable(contrast.other)), soft_wrap=True)
    console.print(Text(printable(contrast.verdict)), soft_wrap=True)
    for number, one in enumerate(contrast.differences, start=1):
        console.print(
            Text.assemble(
                f"{number}. ",
                (one.factor, "bold"),
                f": {printable(one.this)}{_place(one.this_at)} against {printable(one.other)}{_place(one.other_at)}",
            ),
            soft_wrap=True,
        )
        console.print(Padding(Text(f"what to expect: {one.effect}", "dim"), (0, 0, 0, 3)))
    if contrast.chance:
        console.print(
            Text(
                "-  chance: their random numbers differ, or no seed is set; up to about a point means nothing",
                "dim",
            ),
            soft_wrap=True,
        )
    for side, findings in (("Only here", contrast.faults_here), ("Only there", contrast.faults_there)):
        if findings:
            console.print(Text(f"{side}: {_codes(findings)}"), soft_wrap=True)
    if contrast.alike:
        console.print(Text(f"Alike: {', '.join(contrast.alike)}", "dim"), soft_wrap=True)
    for factor, why in contrast.not_compared:
        console.print(Text(f"Not compared: {factor} ({printable(why)})", "dim"), soft_wrap=True)
    if contrast.conventions:
        console.print(conventions_table(contrast.conventions))


def conventions_table(rows: tuple[tuple[str, str, str], ...]) -> Table:
    """What the frameworks' own layers do differently under the same name."""
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("the frameworks differ in", "Keras", "PyTorch"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _place(at: Location | None) -> str:
    return f" (line {at.line})" if at and at.line else ""


def _codes(findings: tuple[Finding, ...]) -> str:
    return "; ".join(f"{one.code} {one.name}{_place(one.location)}" for one in findings)
