"""The probes: live loss curves, the learning-rate test and the table of runs."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static
from textual_plotext import PlotextPlot

from diagnose.events import ProbesPlanned, ProbeStarted, ProbeStep
from diagnose.model import ProbeRun, Probes
from diagnose.report.curves import draw_losses, draw_range_test, loss_curves
from diagnose.report.outlook import outlook
from diagnose.report.text import planned_line, probe_table, rate_line
from diagnose.report.waterfall import waterfall, waterfall_line

REFRESH = 0.25  # seconds between redraws, however fast the steps come


def _told(probes: Probes) -> RenderableType:
    """The runs, what explains the gap, and what lies ahead."""
    parts: list[RenderableType] = [probe_table(probes.runs)]
    if probes.attribution:
        parts += [Text(f"\n{waterfall_line(probes.attribution)}"), waterfall(probes.attribution)]
    if probes.learning_rate and probes.learning_rate.tried:
        parts.append(Text(f"\n{rate_line(probes.learning_rate)}"))
    return Group(*parts, *map(Text, outlook(probes)))


class ProbesPane(VerticalScroll):
    DEFAULT_CSS = """
    ProbesPane {
        padding: 0 1;
        #now { height: auto; padding: 0 1; }
        #plots { height: 14; }
        PlotextPlot { width: 1fr; height: 100%; }
        #table { height: auto; padding: 1; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._probes: Probes | None = None
        self._current: ProbeStarted | None = None
        self._losses: list[tuple[int, float]] = []
        self._changed = False

    def compose(self) -> ComposeResult:
        yield Static("The probes start after the scan.", id="now", markup=False)
        with Horizontal(id="plots"):
            yield PlotextPlot(id="losses")
            yield PlotextPlot(id="rates")
        yield Static(id="table")

    def on_mount(self) -> None:
        self.query_one("#losses", PlotextPlot).plt.title("training loss")
        self.query_one("#rates", PlotextPlot).plt.title("learning-rate test")
        self.set_interval(REFRESH, self._redraw)

    def say(self, text: str) -> None:
        self.query_one("#now", Static).update(text)

    def planned(self, event: ProbesPlanned) -> None:
        self.say(planned_line(event))

    def started(self, event: ProbeStarted) -> None:
        self._current, self._losses = event, []

    def step(self, event: ProbeStep) -> None:
        self._losses.append((event.step, event.loss))
        self._changed = True

    def measured(self, probes: Probes) -> None:
        self._probes, self._current, self._losses, self._changed = probes, None, [], True

    def _redraw(self) -> None:
        """Draws what came in since the last time; a plot that did not change is left alone."""
        if not self._changed:
            return
        self._changed = False
        runs = self._probes.runs if self._probes else ()
        now = self._current
        if now:
            self.say(f"Now: {now.arm}, {now.arch}, seed {now.seed}, step {len(self._losses)} of {now.steps}")
        self._draw_losses((*runs, *self._unfinished()))
        if self._probes:
            self._draw_rates(self._probes)
            self.query_one("#table", Static).update(_told(self._probes))

    def _unfinished(self) -> list[ProbeRun]:
        now = self._current
        if now is None or not self._losses or now.arm not in ("scratch", "pretrained", "configured", "suggested"):
            return []
        curve = tuple(self._losses)
        return [ProbeRun(f"{now.arm} …", now.arch, now.weights, now.seed, now.steps, 0, 0.0, "", curve, None, None)]

    def _draw_losses(self, runs: tuple[ProbeRun, ...]) -> None:
        plot = self.query_one("#losses", PlotextPlot)
        curves = loss_curves(runs)
        if curves:
            plot.plt.clear_data()
            draw_losses(plot.plt, curves)
            plot.refresh()

    def _draw_rates(self, probes: Probes) -> None:
        plot = self.query_one("#rates", PlotextPlot)
        if probes.learning_rate and probes.learning_rate.curve:
            plot.plt.clear_data()
            draw_range_test(plot.plt, probes.learning_rate)
            plot.refresh()
