"""The images: the scan as it runs, then counts per class and split and what the pixels are like."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import DataTable, ProgressBar, Static

from diagnose.events import ScanProgress
from diagnose.model import Dataset, Finding
from diagnose.pace import Pace
from diagnose.report.dataset import COLUMNS, bar, class_cells, histogram_lines, pictured, shortcut_line
from diagnose.report.text import data_line
from diagnose.tui.contact_sheet import ContactSheet

BAR = "bar"


class DataPane(Vertical):
    """The Data tab: the scan's progress, then the classes and the images that findings name."""

    DEFAULT_CSS = """
    DataPane {
        ProgressBar { width: 100%; padding: 0 1; }
        ProgressBar.-over { display: none; }
        Bar { width: 1fr; }
        #summary { height: auto; padding: 0 1; }
        #line { height: auto; }
        DataTable { width: 3fr; height: 100%; background: $background; }
        #below { height: 1fr; }
        #below VerticalScroll { width: 2fr; height: 100%; display: none; }
        #below VerticalScroll.-any { display: block; }
        .offender { height: 1; text-style: bold; }
    }
    """

    def compose(self) -> ComposeResult:
        """The progress bar, the summary line, the table of classes and the column of pictures."""
        yield ProgressBar(show_eta=False)
        with Vertical(id="summary", classes="pane"):
            yield Static("Listing the files …", id="line", markup=False)
        with Horizontal(id="below"):
            yield DataTable(cursor_type="row", classes="pane")
            yield VerticalScroll(can_focus=False, classes="pane")

    def on_mount(self) -> None:
        """Title the panes, and start without pictures."""
        self._pictures: Mapping[str, str] = {}
        self._pace = Pace()
        self._offenders: set[str] = set()
        self.query_one("#summary").border_title = "Images"
        self.query_one(DataTable).border_title = "Classes"
        self.query_one("#below VerticalScroll").border_title = "Images that findings name"

    def progress(self, event: ScanProgress) -> None:
        """Show how many files have been scanned."""
        self.query_one(ProgressBar).remove_class("-over")
        self.query_one(ProgressBar).update(total=max(1, event.total), progress=event.done)
        faulty = f", {event.faults} of them faulty" if event.faults else ""
        left = self._pace.left(event.done, event.total)
        counted = f"{event.done} of {event.total} files scanned{faulty}"
        self.query_one("#line", Static).update(f"{counted}; {left}" if left else counted)

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
        self.query_one(ProgressBar).add_class("-over")
        table = self.query_one(DataTable)
        table.clear(columns=True)
        table.add_columns(*("" if name == BAR else name for name in (*COLUMNS[:3], BAR, *COLUMNS[3:])))
        most = max((row.images for row in data.table), default=1)
        for row in data.table:
            cells = [Text(cell, justify="right" if n > 1 else "left") for n, cell in enumerate(class_cells(row))]
            table.add_row(*cells[:3], Text(bar(row.images, most), "cyan"), *cells[3:])
        table.border_subtitle = f"{len(data.classes)} classes, {', '.join(data.counts)}"
