"""What explains the gap, how much data would be enough, and what the full training run takes and reaches."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static
from textual_plotext import PlotextPlot

from diagnose.model import Probes
from diagnose.report.curves import draw_images
from diagnose.report.outlook import outlook
from diagnose.report.text import rate_line
from diagnose.report.waterfall import waterfall, waterfall_line


class OutlookPane(VerticalScroll, can_focus=True):
    """The Outlook tab: filled as the probes measure."""

    DEFAULT_CSS = """
    OutlookPane {
        padding: 1 2;
        Static { height: auto; }
        PlotextPlot { height: 16; max-width: 90; margin: 1 0 0 0; display: none; }
        PlotextPlot.-any { display: block; }
    }
    """

    def compose(self) -> ComposeResult:
        """A placeholder until `show` fills it, and the learning curve."""
        yield Static("Comes with the probes.", id="outlook", markup=False)
        yield PlotextPlot(id="images", classes="pane")

    def on_mount(self) -> None:
        """Title the plot."""
        self.query_one(PlotextPlot).border_title = "How much data is enough"

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
        if any(len(curve.points) > 1 for curve in probes.curves):
            plot = self.query_one(PlotextPlot)
            plot.plt.clear_data()
            draw_images(plot.plt, probes.curves)
            plot.add_class("-any")
            plot.refresh()
