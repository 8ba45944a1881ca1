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


class ReportScreen(Screen[bool]):
    """The report of an earlier run as it was; True where it is to be run again."""

    DEFAULT_CSS = """
    ReportScreen {
        #title { width: 100%; padding: 0 1; text-style: bold; background: $panel; }
        VerticalScroll { height: 1fr; padding: 0 1; }
        #report { height: auto; }
    }
    """
    BINDINGS = [  # noqa: RUF012  textual's own form
        Binding("r", "dismiss(True)", "Run again", id="report.again", tooltip="Run this project again"),
        Binding("escape,b", "dismiss(False)", "Back", id="report.back", tooltip="Back to the list"),
    ]
    HELP = "The report of an earlier run, as it was then. r runs the project again, Escape goes back to the list."

    def __init__(self, run: PastRun) -> None:
        super().__init__()
        self._run = run

    def compose(self) -> ComposeResult:
        """When and what, then the report."""
        names = " + ".join(printable(Path(part).name) for part in self._run.project if part)
        yield Static(f"{names}   {self._run.begun[:16].replace('T', ' ')} UTC", id="title", markup=False)
        with VerticalScroll(classes="pane"):
            yield Static(Text.from_ansi(self._run.text), id="report")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Focus the report, so that arrow keys scroll it."""
        self.query_one(VerticalScroll).focus()


class PastScreen(Screen[None]):
    """The list of runs; below it the one under the cursor against the one before it, or against a marked one."""

    DEFAULT_CSS = """
    PastScreen {
        #title { width: 100%; padding: 0 2; text-style: bold; background: $panel; }
        DataTable { height: 1fr; background: $background; }
        VerticalScroll { height: 1fr; padding: 0 1; }
        #changed { height: auto; }
    }
    """
    BINDINGS = [  # noqa: RUF012  textual's own form
        Binding("enter", "open", "Open the report", id="past.open", tooltip="Open this report"),
        Binding("r", "again", "Run again", id="past.again", tooltip="Run this project again"),
        Binding("space", "mark", "Mark to compare", id="past.mark", tooltip="Mark this run to compare with"),
        Binding("j", "move('down')", "Down", show=False, id="past.down"),
        Binding("k", "move('up')", "Up", show=False, id="past.up"),
        Binding("escape,b", "app.pop_screen", "Back", id="past.back", tooltip="Back"),
    ]
    HELP = """\
Every run of this machine, the latest first. Below the list stands what changed: from the run before of the same
project, or from the one that **Space** marked. Enter opens the report as it was; r runs the project again, whose
finished probes are not run again.
"""

    class Opened(Message):
        """The project of a run is to be examined again."""

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
        yield DataTable(cursor_type="row", classes="pane")
        with VerticalScroll(can_focus=False, classes="pane"):
            yield Static("No run was kept yet.", id="changed", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Read the runs and focus the table."""
        self._runs = runs()
        self._fill()
        table = self.query_one(DataTable)
        table.border_title, table.border_subtitle = f"{len(self._runs)} runs", "Enter opens · r runs again"
        self.query_one(VerticalScroll).border_title = "What changed"
        table.focus()

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
            shape += [Text(f"Against {before.begun[:16].replace('T', ' ')}:"), described(difference(before, after))]
        self.query_one("#changed", Static).update(Group(*shape))

    def action_mark(self) -> None:
        """Mark the run under the cursor to compare with, or unmark it."""
        if self._runs:
            run = self._runs[self.query_one(DataTable).cursor_row]
            self._marked = None if self._marked is run else run
            self._fill()

    def action_open(self) -> None:
        """Open the report of the run under the cursor; run the project again where it was cut short before one."""
        if self._runs:
            run = self._runs[self.query_one(DataTable).cursor_row]
            if run.text:
                self.app.push_screen(ReportScreen(run), self._again_if)
            else:
                self.post_message(self.Opened(*run.project))

    def action_again(self) -> None:
        """Run the project of the run under the cursor again."""
        if self._runs:
            self.post_message(self.Opened(*self._runs[self.query_one(DataTable).cursor_row].project))

    def _again_if(self, again: bool | None) -> None:
        if again:
            self.action_again()

    def on_data_table_row_selected(self) -> None:
        """Open the report of the run that was clicked or entered."""
        self.action_open()

    def action_move(self, way: str) -> None:
        """Move the cursor of the table; way: "up" or "down"."""
        getattr(self.query_one(DataTable), f"action_cursor_{way}")()


def described(changed: Changed) -> RenderableType:
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
