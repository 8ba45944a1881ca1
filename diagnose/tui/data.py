"""The images: the scan as it runs, then counts per class and split and what the pixels are like."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import DataTable, ProgressBar, Static

from diagnose.events import ScanProgress
from diagnose.model import Dataset
from diagnose.report.dataset import COLUMNS, class_cells, histogram_lines, shortcut_line
from diagnose.report.text import data_line


class DataPane(Vertical):
    DEFAULT_CSS = """
    DataPane {
        padding: 1 2;
        ProgressBar { width: 100%; }
        Bar { width: 1fr; }
        Static { margin: 1 0; height: auto; }
        DataTable { height: 1fr; }
    }
    """

    def compose(self) -> ComposeResult:
        yield ProgressBar(show_eta=False)
        yield Static("Listing the files …", id="line", markup=False)
        yield DataTable(cursor_type="row", zebra_stripes=True)

    def progress(self, event: ScanProgress) -> None:
        self.query_one(ProgressBar).update(total=max(1, event.total), progress=event.done)
        faulty = f", {event.faults} of them faulty" if event.faults else ""
        self.query_one("#line", Static).update(f"{event.done} of {event.total} files scanned{faulty}")

    def show(self, data: Dataset) -> None:
        self.query_one("#line", Static).update(
            "\n".join(filter(None, (data_line(data), *histogram_lines(data), shortcut_line(data))))
        )
        table = self.query_one(DataTable)
        table.clear(columns=True)
        table.add_columns(*COLUMNS)
        for row in data.table:
            table.add_row(*map(Text, class_cells(row)))
