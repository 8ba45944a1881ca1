"""The images: the scan as it runs, then counts per class and split and what the pixels are like."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import DataTable, ProgressBar, Static

from diagnose.events import ScanProgress
from diagnose.model import Dataset, Finding
from diagnose.report.dataset import COLUMNS, class_cells, histogram_lines, pictured, shortcut_line
from diagnose.report.text import data_line
from diagnose.tui.contact_sheet import ContactSheet


class DataPane(Vertical):
    """The Data tab: the scan's progress, then the classes and the images that findings name."""

    DEFAULT_CSS = """
    DataPane {
        padding: 1 2;
        ProgressBar { width: 100%; }
        Bar { width: 1fr; }
        #line { margin: 1 0; height: auto; }
        DataTable { width: 3fr; height: 100%; }
        #below { height: 1fr; }
        #below VerticalScroll { width: 2fr; height: 100%; display: none; padding: 0 1; }
        #below VerticalScroll.-any { display: block; }
        .offender { height: 1; text-style: bold; }
    }
    """

    def compose(self) -> ComposeResult:
        """The progress bar, the summary line, the table of classes and the column of pictures."""
        yield ProgressBar(show_eta=False)
        yield Static("Listing the files …", id="line", markup=False)
        with Horizontal(id="below"):
            yield DataTable(cursor_type="row", zebra_stripes=True)
            yield VerticalScroll(can_focus=False)

    def on_mount(self) -> None:
        """Start without pictures."""
        self._pictures: Mapping[str, str] = {}
        self._offenders: set[str] = set()

    def progress(self, event: ScanProgress) -> None:
        """Show how many files have been scanned."""
        self.query_one(ProgressBar).update(total=max(1, event.total), progress=event.done)
        faulty = f", {event.faults} of them faulty" if event.faults else ""
        self.query_one("#line", Static).update(f"{event.done} of {event.total} files scanned{faulty}")

    def offender(self, finding: Finding) -> None:
        """Shows the images that a finding names, where there are pictures of them."""
        if finding.fingerprint in self._offenders:
            return
        if named := pictured(finding, self._pictures):
            self._offenders.add(finding.fingerprint)
            below = self.query_one("#below VerticalScroll")
            below.add_class("-any")
            below.mount(Static(f"{finding.code} {finding.name}", classes="offender", markup=False), ContactSheet(named))

    def show(self, data: Dataset) -> None:
        """Show the result of the scan: the summary and a row per class."""
        self._pictures = data.pictures
        self.query_one("#line", Static).update(
            "\n".join(filter(None, (data_line(data), *histogram_lines(data), shortcut_line(data))))
        )
        table = self.query_one(DataTable)
        table.clear(columns=True)
        table.add_columns(*COLUMNS)
        for row in data.table:
            table.add_row(*map(Text, class_cells(row)))
