"""What the scan measured, for people: a row for each class, and how sizes and brightness are spread."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table
from rich.text import Text

from diagnose.model import ClassRow, Dataset, Finding, Histogram, printable

BARS = " ▁▂▃▄▅▆▇█"
EIGHTHS = " ▏▎▍▌▋▊▉"
BAR = 12  # columns of the largest class
PICTURES = 8  # of one finding
JOINTS = (" = ", " ~ ")  # between the names of one group
MOST_ROWS = 24  # classes that a report lists; the TUI and JSON have them all
SHORTCUTS = {
    "bytes": "bytes per pixel",
    "surround": "surroundings",
    "blocks": "compression blocks",
    "colour": "mean colour",
}
COLUMNS = ("class", "split", "images", "faulty", "median size", "brightness", "kB")


def class_cells(row: ClassRow) -> tuple[str, ...]:
    """One class as texts, in the order of COLUMNS."""
    return (
        printable(row.label),
        row.split,
        str(row.images),
        str(row.faults or ""),
        f"{row.width}×{row.height}",
        f"{row.brightness:.2f}",
        f"{row.file_bytes / 1000:.1f}",
    )


def class_table(data: Dataset) -> Table:
    """The classes of every split, the first of many."""
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for number, name in enumerate(COLUMNS):
        table.add_column(name, justify="left" if number < 2 else "right", no_wrap=number > 0, overflow="fold")
    for row in data.table[:MOST_ROWS]:
        table.add_row(*map(Text, class_cells(row)))
    if len(data.table) > MOST_ROWS:
        table.add_row(Text(f"… {len(data.table) - MOST_ROWS} more", "dim"))
    return table


def histogram_lines(data: Dataset) -> list[str]:
    """A line for each measure: its smallest value, bars, its largest value."""
    widest = max((len(name) for name in data.histograms), default=0)
    return [f"{name:{widest}}  {histogram_line(one)}" for name, one in data.histograms.items() if one.counts]


def bar(count: int, most: int) -> str:
    """A bar of at most BAR columns, to an eighth of one; the largest class fills them."""
    whole, rest = divmod(round(8 * BAR * count / max(1, most)), 8)
    return "█" * whole + (EIGHTHS[rest] if rest else "")


def shortcut_line(data: Dataset) -> str:
    """How well the class can be predicted from metadata alone, also where that isn't a finding; "" where it was not
    measured."""
    if not data.shortcuts:
        return ""
    named = ", ".join(
        f"{SHORTCUTS.get(one.attribute, one.attribute)} {one.accuracy:.0%}"
        for one in data.shortcuts
        if one.attribute != "middle"
    )
    return f"class predicted from metadata alone: {named} (chance {data.shortcuts[0].chance:.0%})"


def histogram_line(one: Histogram) -> str:
    """The smallest value, bars, the largest value."""
    most = max(one.counts)
    heights = (-(-count * (len(BARS) - 1) // most) for count in one.counts)
    return f"{one.edges[0]:.3g} {''.join(BARS[height] for height in heights)} {one.edges[-1]:.3g}"


def pictured(finding: Finding, pictures: Mapping[str, str]) -> list[tuple[str, str]]:
    """(name, picture) of the images that a finding names, as far as there are pictures of them."""
    names: list[str] = []
    for file in finding.files:
        for joint in JOINTS:
            file = file.replace(joint, "\0")
        names += file.split("\0")
    return [(name, pictures[name]) for name in dict.fromkeys(names) if name in pictures][:PICTURES]
