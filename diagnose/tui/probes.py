"""The probes: what is done now and what is left, the first answer, live loss curves with their bands, the range test,
the table of runs."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static
from textual_plotext import PlotextPlot

from diagnose.events import ProbesPlanned, ProbeStarted, ProbeStep, Working
from diagnose.model import Confusion, GivenInputs, ProbeRun, Probes, printable
from diagnose.report.curves import (
    accuracy_curves,
    draw_accuracies,
    draw_bands,
    draw_diverged,
    draw_losses,
    draw_range_test,
    legend,
    loss_curves,
)
from diagnose.report.inputs import AS_PICTURES, channel_lines, inputs_line
from diagnose.report.probes import MOST_IN_LINE, frozen_line, matrix, matrix_title, pairs_line
from diagnose.report.text import planned_line, probe_table
from diagnose.tui.clock import Clock
from diagnose.tui.contact_sheet import ContactSheet
from diagnose.tui.titles import in_keys

PLOTS = {"losses": "Training loss", "accuracies": "Validation accuracy", "rates": "Learning-rate test"}
WITHOUT_TRAINING = ("a budget of", "this machine is too slow")  # beginnings of the notes that say why
NO_TIME = "the time ran out, and + gives more"
REFRESH = 0.25  # seconds between redraws, however fast the steps come


class ProbesPane(VerticalScroll):
    """The Probes tab: redrawn at most every REFRESH seconds."""

    DEFAULT_CSS = """
    ProbesPane {
        padding: 0 1;
        #plan { height: auto; padding: 0 1; color: $text-muted; }
        #now { height: auto; padding: 0 1; }
        #answer { height: auto; padding: 0 1; }
        #legend { height: auto; padding: 0 1; display: none; }
        #plots { height: 1fr; min-height: 14; max-height: 26; display: none; }
        #plots.-any, #legend.-any { display: block; }
        PlotextPlot { width: 1fr; height: 100%; display: none; }
        PlotextPlot.-any { display: block; }
        #table { height: auto; padding: 0 1; }
        #confusion, #inputs { height: auto; padding: 0 1; margin: 1 0 0 0; display: none; }
        #confusion.-any, #inputs.-any { display: block; }
        #inputs Static { height: auto; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._probes: Probes | None = None
        self._current: ProbeStarted | None = None
        self._working: Working | None = None
        self._losses: list[tuple[int, float]] = []
        self._changed = False
        self._plan: ProbesPlanned | None = None
        self._clock: Clock | None = None

    def compose(self) -> ComposeResult:
        """The current work, the plan, the first answer, the two plots and the table of runs."""
        yield Static("The probes start after the scan.", id="now", markup=False)
        yield Static(id="plan", markup=False)
        yield Static(id="answer", markup=False)
        yield Static(id="legend")
        with Horizontal(id="plots"):
            for name in PLOTS:
                yield PlotextPlot(id=name, classes="pane")
        yield Static(id="table")
        yield Static(id="confusion", classes="pane")
        yield Vertical(id="inputs", classes="pane")

    def on_mount(self) -> None:
        """Title the plots and start redrawing."""
        for name, title in PLOTS.items():
            self.query_one(f"#{name}").border_title = title
        self.query_one("#inputs").border_title = "What the network is given"
        self.set_interval(REFRESH, self._redraw)

    def begin(self, clock: Clock) -> None:
        """A run begins, whose time the clock counts."""
        self._clock, self._plan = clock, None

    def say(self, text: str) -> None:
        """Put a text in the line of the current probe."""
        self.query_one("#now", Static).update(text)

    def planned(self, event: ProbesPlanned) -> None:
        """What will run; a longer budget makes a new plan."""
        self.say(planned_line(event))
        self._plan, self._changed = event, True
        if self._clock is not None:
            self._clock.expect(event.seconds)

    def hold(self, held: bool) -> None:
        """Show that the probes are held (True) or resumed (False)."""
        self._changed = True
        if held:
            self.say("Held: the probes stand still, and so does their budget. p resumes them.")

    def ended(self, measured: bool) -> None:
        """Remove the plan and say that the probes are done; measured: whether any gave a result."""
        self._plan, self._current, self._working, self._clock = None, None, None, None
        self.query_one("#plan", Static).update("")
        probes = self._probes
        if measured and probes and not probes.runs:
            why = next((note for note in probes.notes if note.startswith(WITHOUT_TRAINING)), NO_TIME)
            self.say(f"No training was finished: {in_keys(printable(why))}.")
        else:
            self.say("The probes are done." if measured else "No probes were run.")

    def started(self, event: ProbeStarted) -> None:
        """Begin the loss curve of another training."""
        self._current, self._working, self._losses, self._changed = event, None, [], True

    def working(self, event: Working) -> None:
        """Show a longer piece of work beside the trainings, such as decoding images."""
        self._working, self._changed = event, True

    def step(self, event: ProbeStep) -> None:
        """Add a step to the current loss curve."""
        self._losses.append((event.step, event.loss))
        self._working, self._changed = None, True

    def measured(self, probes: Probes) -> None:
        """Take the runs measured so far, in place of the earlier ones."""
        self._probes, self._current, self._working, self._losses, self._changed = probes, None, None, [], True
        if probes.confusion:
            self._show_confusion(probes.confusion)
        if probes.inputs:
            self._show_inputs(probes.inputs)

    def _redraw(self) -> None:
        """Draws what came in since the last time; a plot that did not change is left alone."""
        if self._clock is not None and self._clock.until:
            plan = f"; {len(self._plan.arms)} probes: {'; '.join(self._plan.arms)}" if self._plan else ""
            self.query_one("#plan", Static).update(f"{self._clock}{plan}")
        if not self._changed:
            return
        self._changed = False
        runs = self._probes.runs if self._probes else ()
        if (doing := self._doing()) and not (self._clock and self._clock.held):
            self.say(f"Now: {doing}")
        self._draw_losses((*runs, *self._unfinished()))
        if self._probes:
            if self._probes.frozen:
                self.query_one("#answer", Static).update(frozen_line(self._probes.frozen))
            self._draw_accuracies(runs, self._probes.prior)
            self._draw_rates(self._probes)
            if runs:
                self.query_one("#table", Static).update(probe_table(runs))

    def _doing(self) -> str:
        """What is done now; "" between two pieces of work."""
        if self._working:
            return f"{self._working.what}, {self._working.done} of {self._working.total}"
        if self._current is None:
            return ""
        now = self._current
        if now.steps == 1:  # nothing is trained
            return f"{now.arm}, {now.arch}"
        return f"{now.arm}, {now.arch}, seed {now.seed}, step {len(self._losses)} of {now.steps}"

    def _unfinished(self) -> list[ProbeRun]:
        now = self._current
        if now is None or not self._losses or now.arm not in ("scratch", "pretrained", "configured", "suggested"):
            return []
        curve = tuple(self._losses)
        return [ProbeRun(f"{now.arm} …", now.arch, now.weights, now.seed, now.steps, 0, 0.0, "", curve, None, None)]

    def _draw_losses(self, runs: tuple[ProbeRun, ...]) -> None:
        if curves := loss_curves(runs):
            plot = self._plot("losses")
            draw_bands(plot.plt, runs)
            draw_losses(plot.plt, curves)
            diverged = draw_diverged(plot.plt, runs)
            named = Text("\n").join([legend(curves), *(Text(one, "red") for one in diverged)])
            self.query_one("#legend", Static).update(named)
            self.query_one("#legend").add_class("-any")

    def _draw_accuracies(self, runs: tuple[ProbeRun, ...], chance: float) -> None:
        if curves := accuracy_curves(runs):
            draw_accuracies(self._plot("accuracies").plt, curves, chance)

    def _draw_rates(self, probes: Probes) -> None:
        if probes.learning_rate and probes.learning_rate.curve:
            draw_range_test(self._plot("rates").plt, probes.learning_rate)

    def _show_confusion(self, confusion: Confusion) -> None:
        """The matrix where it fits, and the pairs of classes that are taken for each other most often."""
        parts: list[RenderableType] = []
        if 0 < len(confusion.counts) <= MOST_IN_LINE:
            parts.append(matrix(confusion))
        if line := pairs_line(confusion):
            parts.append(Text(line))
        pane = self.query_one("#confusion", Static)
        pane.border_title = matrix_title(confusion)
        pane.update(Group(*parts))
        pane.set_class(bool(parts), "-any")

    def _show_inputs(self, given: GivenInputs) -> None:
        """Once: they do not change in a run."""
        pane = self.query_one("#inputs", Vertical)
        if not pane.has_class("-any"):
            pane.add_class("-any")
            lines = [inputs_line(given), *channel_lines(given), *([AS_PICTURES] if given.pictures else [])]
            pane.mount(Static(Text("\n".join(lines))), ContactSheet(given.pictures))

    def _plot(self, name: str) -> PlotextPlot:
        """The plot, emptied and made visible: one without anything to show takes no room."""
        plot = self.query_one(f"#{name}", PlotextPlot)
        plot.plt.clear_data()
        for widget in (plot, self.query_one("#plots")):
            widget.add_class("-any")
        plot.refresh()
        return plot
