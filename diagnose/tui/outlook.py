"""What explains the gap, how much data would be enough, and what the full training run takes and reaches."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from diagnose.model import Probes
from diagnose.report.outlook import outlook
from diagnose.report.text import rate_line
from diagnose.report.waterfall import waterfall, waterfall_line


class OutlookPane(VerticalScroll, can_focus=True):
    """The Outlook tab: filled as the probes measure."""

    DEFAULT_CSS = "OutlookPane { padding: 1 2; } OutlookPane Static { height: auto; }"

    def compose(self) -> ComposeResult:
        """A placeholder until `show` fills it."""
        yield Static("Comes with the probes.", id="outlook", markup=False)

    def show(self, probes: Probes) -> None:
        """All that the probes tell so far beyond single runs."""
        parts: list[RenderableType] = []
        if probes.attribution:
            parts += [Text("What explains the gap", "bold"), Text(waterfall_line(probes.attribution))]
            parts += [waterfall(probes.attribution), Text()]
        if probes.learning_rate:
            parts += [Text("Learning rate", "bold"), Text(f"{rate_line(probes.learning_rate)}\n")]
        lines = list(outlook(probes))
        if lines:
            parts += [Text("Data and the full training run", "bold"), *(Text(f"• {line}") for line in lines)]
        if parts:
            self.query_one("#outlook", Static).update(Group(*parts))
