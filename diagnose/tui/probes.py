"""The probes: what is done now and what is left, the first answer, live loss curves with their bands, the range test,
the table of runs."""

from __future__ import annotations

import time

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static
from textual_plotext import PlotextPlot

from diagnose.events import ProbesPlanned, ProbeStarted, ProbeStep, Working
from diagnose.model import ProbeRun, Probes, printable
from diagnose.report.curves import draw_bands, draw_losses, draw_range_test, loss_curves
from diagnose.report.probes import frozen_line
from diagnose.report.text import minutes, planned_line, probe_table

REFRESH = 0.25  # seconds between redraws, however fast the steps come


class Clock:
    """Seconds since it was made, without those during which it was held."""

    def __init__(self) -> None:
        self._since, self._gone, self.held = time.monotonic(), 0.0, False

    def hold(self, held: bool) -> None:
        """Stop counting (True) or resume (False)."""
        self._gone, self._since, self.held = self.seconds, time.monotonic(), held

    @property
    def seconds(self) -> float:
        """Seconds counted so far."""
        return self._gone + (0.0 if self.held else time.monotonic() - self._since)


class ProbesPane(VerticalScroll):
    """The Probes tab: redrawn at most every REFRESH seconds."""

    DEFAULT_CSS = """
    ProbesPane {
        padding: 0 1;
        #plan { height: auto; padding: 0 1; color: $text-muted; }
        #now { height: auto; padding: 0 1; }
        #answer { height: auto; padding: 0 1; }
        #plots { height: 14; }
        PlotextPlot { width: 1fr; height: 100%; }
        #table { height: auto; padding: 1; }
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
        self._clock, self._until = Clock(), 0.0

    def compose(self) -> ComposeResult:
        """The current work, the plan, the first answer, the two plots and the table of runs."""
        yield Static("The probes start after the scan.", id="now", markup=False)
        yield Static(id="plan", markup=False)
        yield Static(id="answer", markup=False)
        with Horizontal(id="plots"):
            yield PlotextPlot(id="losses")
            yield PlotextPlot(id="rates")
        yield Static(id="table")

    def on_mount(self) -> None:
        """Title the plots and start redrawing."""
        self.query_one("#losses", PlotextPlot).plt.title("training loss")
        self.query_one("#rates", PlotextPlot).plt.title("learning-rate test")
        self.set_interval(REFRESH, self._redraw)

    def begin(self, seconds: float) -> None:
        """Counts from now on, towards the budget of the run; with 0 seconds there will be no probes."""
        self._clock, self._until, self._plan = Clock(), seconds, None

    def say(self, text: str) -> None:
        """Put a text in the line of the current probe."""
        self.query_one("#now", Static).update(text)

    def planned(self, event: ProbesPlanned) -> None:
        """What will run; a longer budget makes a new plan."""
        self.say(planned_line(event))
        self._plan, self._until = event, self._clock.seconds + event.seconds
        self._changed = True

    def hold(self, held: bool) -> None:
        """Show that the probes are held (True) or resumed (False); the shown time stops with them."""
        self._clock.hold(held)
        self._changed = True
        if held:
            self.say("Held: the probes stand still, and so does their budget. p resumes them.")

    def ended(self, measured: bool) -> None:
        """Remove the plan and say that the probes are done; measured: whether any gave a result."""
        self._plan, self._current, self._working, self._until = None, None, None, 0.0
        self.query_one("#plan", Static).update("")
        probes = self._probes
        if measured and probes and not probes.runs:
            self.say(f"No training was finished: {printable('; '.join(probes.notes[-1:]))}.")
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

    def _redraw(self) -> None:
        """Draws what came in since the last time; a plot that did not change is left alone."""
        if self._until:
            gone = self._clock.seconds
            total = max(self._until, gone)
            plan = f"; {len(self._plan.arms)} probes: {'; '.join(self._plan.arms)}" if self._plan else ""
            told = f"{minutes(gone)} of about {minutes(total)}, {minutes(total - gone)} left{plan}"
            self.query_one("#plan", Static).update(told)
        if not self._changed:
            return
        self._changed = False
        runs = self._probes.runs if self._probes else ()
        if (doing := self._doing()) and not self._clock.held:
            self.say(f"Now: {doing}")
        self._draw_losses((*runs, *self._unfinished()))
        if self._probes:
            if self._probes.frozen:
                self.query_one("#answer", Static).update(frozen_line(self._probes.frozen))
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
        plot = self.query_one("#losses", PlotextPlot)
        curves = loss_curves(runs)
        if curves:
            plot.plt.clear_data()
            draw_bands(plot.plt, runs)
            draw_losses(plot.plt, curves)
            plot.refresh()

    def _draw_rates(self, probes: Probes) -> None:
        plot = self.query_one("#rates", PlotextPlot)
        if probes.learning_rate and probes.learning_rate.curve:
            plot.plt.clear_data()
            draw_range_test(plot.plt, probes.learning_rate)
            plot.refresh()
