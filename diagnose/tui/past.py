"""Earlier runs, and what changed from one to another."""

from __future__ import annotations

from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.message import Message
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Static

from diagnose.history import Changed, PastRun, difference, runs
from diagnose.model import printable


class PastScreen(Screen[None]):
    """The list of runs; below it the one under the cursor against the one before it, or against a marked one."""

    DEFAULT_CSS = """
    PastScreen {
        #title { width: 100%; padding: 0 2; text-style: bold; background: $panel; }
        DataTable { height: 1fr; margin: 1 2 0 2; }
        VerticalScroll { height: 1fr; margin: 0 2; border-top: solid $primary-background; }
        #changed { height: auto; }
    }
    """
    BINDINGS = [  # noqa: RUF012  textual's own form
        Binding("enter", "open", "Open", id="past.open"),
        Binding("space", "mark", "Mark to compare", id="past.mark"),
        Binding("j", "move('down')", "Down", show=False, id="past.down"),
        Binding("k", "move('up')", "Up", show=False, id="past.up"),
        Binding("escape,b", "app.pop_screen", "Back", id="past.back"),
    ]
    HELP = """\
Every run of this machine, the latest first. Below the list stands what changed: from the run before of the same
project, or from the one that **Space** marked. Enter opens the project again; probes that ran before are not run again.
"""

    class Opened(Message):
        """The project of a run is to be opened again."""

        def __init__(self, data: str | None, config: str | None) -> None:
            super().__init__()
            self.data, self.config = data, config

    def __init__(self) -> None:
        super().__init__()
        self._runs: list[PastRun] = []
        self._marked: PastRun | None = None

    def compose(self) -> ComposeResult:
        """The table of runs and the comparison below it."""
        yield Static("diagnose   earlier runs", id="title", markup=False)
        yield DataTable(cursor_type="row", zebra_stripes=True)
        with VerticalScroll(can_focus=False):
            yield Static("No run was kept yet.", id="changed", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        """Read the runs and focus the table."""
        self._runs = runs()
        self._fill()
        self.query_one(DataTable).focus()

    def _fill(self) -> None:
        table = self.query_one(DataTable)
        row = table.cursor_row
        table.clear(columns=True)
        table.add_columns("", "when (UTC)", "images", "configuration", "found", "verdict")
        for run in self._runs:
            table.add_row(
                "●" if run is self._marked else "…" if run.cut_short else "",
                run.begun[:16].replace("T", " "),
                *(Text(printable(Path(part).name) if part else "-") for part in run.project),
                run.counts,
                Text(printable(run.verdict)[:120]),
            )
        if self._runs:
            table.move_cursor(row=min(row, len(self._runs) - 1))

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Compare the run under the cursor with an earlier or marked one."""
        if 0 <= event.cursor_row < len(self._runs):
            self._compare(event.cursor_row)

    def _compare(self, row: int) -> None:
        after = self._runs[row]
        before = self._marked or next((run for run in self._runs[row + 1 :] if run.project == after.project), None)
        shape: list[RenderableType] = [Text(printable(after.verdict), "bold")]
        if before is None or before is after:
            shape.append(Text("No earlier run of this project to compare with; Space marks any.", "dim"))
        else:
            shape += [Text(f"Against {before.begun[:16].replace('T', ' ')}:"), told(difference(before, after))]
        self.query_one("#changed", Static).update(Group(*shape))

    def action_mark(self) -> None:
        """Mark the run under the cursor to compare with, or unmark it."""
        if self._runs:
            run = self._runs[self.query_one(DataTable).cursor_row]
            self._marked = None if self._marked is run else run
            self._fill()

    def action_open(self) -> None:
        """Open the project of the run under the cursor."""
        if self._runs:
            self.post_message(self.Opened(*self._runs[self.query_one(DataTable).cursor_row].project))

    def on_data_table_row_selected(self) -> None:
        """Open the project of the run that was clicked or entered."""
        self.action_open()

    def action_move(self, way: str) -> None:
        """Move the cursor of the table; way: "up" or "down"."""
        getattr(self.query_one(DataTable), f"action_cursor_{way}")()


def told(changed: Changed) -> RenderableType:
    """The difference in lines: what is gone, what is new, which settings changed."""
    lines = [Text(f"✓ gone  {code} {name}: {printable(why)}", "green") for code, name, why in changed.gone]
    lines += [Text(f"✗ new   {code} {name}: {printable(why)}", "red") for code, name, why in changed.new]
    lines += [
        Text(f"  {name}: {printable(before)} → {printable(after)}", "cyan") for name, before, after in changed.settings
    ]
    before, after = changed.gap
    if before is not None and after is not None:
        lines.append(Text(f"  pretrained over scratch: {100 * before:+.1f} → {100 * after:+.1f} points"))
    lines.append(Text(f"  {changed.same} findings in both", "dim"))
    return Group(*lines)
