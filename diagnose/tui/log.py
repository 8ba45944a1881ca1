"""The Log tab: what earlier runs logged, with the curves of the one that most is known of."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static
from textual_plotext import PlotextPlot

from diagnose.model import ACCURACY, LOSS, RATE, History, printable
from diagnose.report.history import draw_logged, history_lines, legend, metrics_of

PLOTS = {LOSS: "logged-loss", ACCURACY: "logged-accuracy", RATE: "logged-rate"}
TITLES = {LOSS: "Loss", ACCURACY: "Accuracy", RATE: "Learning rate"}


class LogPane(VerticalScroll, can_focus=True):
    """Filled once the log was read, before anything else is."""

    DEFAULT_CSS = """
    LogPane {
        padding: 0 1;
        Static { height: auto; padding: 0 1; }
        #log-plots { height: 1fr; min-height: 14; max-height: 26; display: none; }
        #log-plots.-any { display: block; }
        PlotextPlot { width: 1fr; height: 100%; display: none; }
        PlotextPlot.-any { display: block; }
    }
    """

    def compose(self) -> ComposeResult:
        """The runs, the legend and the plots."""
        yield Static("Reading the log …", id="log-runs", markup=False)
        yield Static(id="log-legend")
        with Horizontal(id="log-plots"):
            for metric, name in PLOTS.items():
                plot = PlotextPlot(id=name, classes="pane")
                plot.border_title = TITLES[metric]
                yield plot

    def show(self, history: History) -> None:
        """The runs of a log; where none was read, why."""
        lines = [printable(line) for line in history_lines(history)]
        lines += [f"{one.file}: {one.why}" for one in history.unread if one.line is None]
        self.query_one("#log-runs", Static).update(Text("\n".join(lines)))
        run = history.main
        if run is None:
            return
        self.query_one("#log-legend", Static).update(Text.assemble(f"{printable(run.name)}   ", legend(run)))
        for metric in metrics_of(run):
            plot = self.query_one(f"#{PLOTS[metric]}", PlotextPlot)
            plot.plt.clear_data()
            draw_logged(plot.plt, (run, metric))
            for widget in (plot, self.query_one("#log-plots")):
                widget.add_class("-any")
            plot.refresh()
