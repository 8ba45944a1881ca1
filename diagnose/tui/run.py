"""One diagnosis: what the engine says, shown in tabs, held, cancelled and quit at any moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, Static, Tab, TabbedContent, TabPane

from diagnose import history, own_program
from diagnose.controls import CAN_HOLD
from diagnose.events import (
    ConfigRead,
    Finished,
    Found,
    HistoryRead,
    Note,
    ProbesMeasured,
    ProbesPlanned,
    ProbeStarted,
    ProbeStep,
    ProgramRan,
    ScanDone,
    ScanProgress,
    Working,
)
from diagnose.model import Config, Diagnosis, Finding, printable
from diagnose.report.subject import Subject
from diagnose.report.text import minutes
from diagnose.request import Request
from diagnose.tui.change import ChangeScreen
from diagnose.tui.checkpoint import CheckpointPane
from diagnose.tui.clock import Clock
from diagnose.tui.compare import ComparePane
from diagnose.tui.configuration import ConfigurationPane
from diagnose.tui.data import DataPane
from diagnose.tui.driver import Driver
from diagnose.tui.findings import FindingsPane
from diagnose.tui.fixing import Fixing
from diagnose.tui.heading import Heading
from diagnose.tui.log import LogPane
from diagnose.tui.miniature import MiniaturePane, RunItScreen
from diagnose.tui.outlook import OutlookPane
from diagnose.tui.pictures import in_half_cells
from diagnose.tui.probes import ProbesPane
from diagnose.tui.save import SaveScreen
from diagnose.tui.titles import counts, examined, headline_verdict
from diagnose.tui.verify import VerifyScreen

# What has the keyboard in each tab.
INNER = {
    "findings": "FindingsPane OptionList", "data": "DataPane DataTable", "probes": "ProbesPane",
    "configuration": "ConfigurationPane DataTable", "outlook": "OutlookPane", "compare": "ComparePane",
    "log": "LogPane",
    "run": "MiniaturePane",
    "checkpoint": "CheckpointPane",
}  # fmt: skip
PLAN_LONGER = 60.0  # seconds that one press adds
LAID_OUT = 0.1  # seconds after which a title has its new width


class RunScreen(Screen[None]):
    """Scan, probes and findings of one request."""

    DEFAULT_CSS = """
    RunScreen #verdict {
        height: auto; max-height: 7; padding: 0 1; background: $surface; text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    BINDINGS = [  # noqa: RUF012  textual's own form
        Binding("1", "tab('findings')", "Findings", show=False, id="run.findings", tooltip="Show the findings"),
        Binding("2", "tab('data')", "Data", show=False, id="run.data", tooltip="Show the images"),
        Binding("3", "tab('probes')", "Probes", show=False, id="run.probes", tooltip="Show the probes"),
        Binding(
            "4",
            "tab('configuration')",
            "Configuration",
            show=False,
            id="run.configuration",
            tooltip="Show the configuration",
        ),
        Binding("5", "tab('outlook')", "Outlook", show=False, id="run.outlook", tooltip="Show the outlook"),
        Binding("6", "tab('compare')", "Compare", show=False, id="run.compare", tooltip="Show the comparison"),
        Binding("7", "tab('log')", "Log", show=False, id="run.log", tooltip="Show the log of earlier runs"),
        Binding("8", "tab('run')", "Run", show=False, id="run.run", tooltip="Show the program's run in miniature"),
        Binding(
            "R", "run_program", "Run program", show=False, id="run.program", tooltip="Run the program in miniature"
        ),
        Binding("9", "tab('checkpoint')", "Checkpoint", show=False, id="run.checkpoint", tooltip="Show the checkpoint"),
        Binding("c", "cancel", "Cancel", id="run.cancel", tooltip="Cancel the run and keep what is known"),
        Binding("p", "hold", "Pause", id="run.pause", tooltip="Pause the probes, or resume them"),
        Binding(
            "plus,equals_sign",
            "extend",
            "Longer",
            key_display="+",
            id="run.extend",
            tooltip="Give the probes a minute more",
        ),
        Binding("w", "what_if", "What if", show=False, id="run.what_if", tooltip="What if a field had another value"),
        Binding("s", "save", "Save", id="run.save", tooltip="Save the report"),
        Binding("r", "again", "Run again", id="run.again", tooltip="Run again"),
        Binding("o", "choose", "Other images", show=False, id="run.choose", tooltip="Choose other images"),
        Binding("h", "app.past", "Earlier runs", show=False, id="run.past", tooltip="Earlier runs"),
    ]
    HELP = """\
**1 Findings**: what is wrong, the gravest first, each with its place; Enter or the right-hand side shows evidence, fix
and patch. **2 Data**: images per class, and those that something is wrong with. **3 Probes**: short trainings as they
run. **4 Configuration**: every field with the line that sets it. **5 Outlook**: what explains the gap, how much data is
enough, the full training run. **6 Compare**, with another configuration or a network of your own. **7 Log**: the curves
of earlier runs (--log). **8 Run**: what your program does in its first steps, once R has run it.
**9 Checkpoint**: what a finished model scores, and on which input.

Findings appear while the run continues. Quitting ends every process; finished probes are kept and not run again.
"""

    class Refused(Message):
        """The engine cannot carry the request out."""

        def __init__(self, request: Request, why: str) -> None:
            super().__init__()
            self.request, self.why = request, why

    def __init__(self, request: Request) -> None:
        super().__init__()
        self._request = request
        self._driver = Driver(self)
        self._diagnosis: Diagnosis | None = None
        self._config: Config | None = None
        self._framework = ""
        self._record: Path | None = None
        self._clock = Clock()
        self._fixing = Fixing(self)

    def compose(self) -> ComposeResult:
        """The title, the verdict and the tabs; Configuration and Compare only where there is something to show."""
        yield Heading(examined(self._request))
        yield Static("diagnose needs at least 60 by 18 characters.", id="too-small")
        yield Static(self._first_word(), id="verdict", markup=False)
        with TabbedContent(initial="findings"):
            with TabPane("1 Findings", id="findings"):
                yield FindingsPane()
            with TabPane("2 Data", id="data"):
                yield DataPane()
            with TabPane("3 Probes", id="probes"):
                yield ProbesPane()
            if self._request.config is not None:
                with TabPane("4 Configuration", id="configuration"):
                    yield ConfigurationPane()
            with TabPane("5 Outlook", id="outlook"):
                yield OutlookPane()
            if self._compares:
                with TabPane("6 Compare", id="compare"):
                    yield ComparePane()
            if self._request.log is not None:
                with TabPane("7 Log", id="log"):
                    yield LogPane()
            if program := own_program.program_of(self._request.config):
                with TabPane("8 Run", id="run"):
                    yield MiniaturePane(program)
            if self._request.checkpoint is not None:
                with TabPane("9 Checkpoint", id="checkpoint"):
                    yield CheckpointPane()
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Start the run."""
        self.action_tab("findings")
        self._begin()

    def _first_word(self) -> str:
        return "Scanning …" if self._request.data is not None else "Reading …"

    @property
    def _compares(self) -> bool:
        """Whether there is a second configuration, or a network of one's own."""
        return self._request.against is not None or self._request.model is not None

    @property
    def diagnosis(self) -> Diagnosis | None:
        """The result; None while the run is under way."""
        return self._diagnosis

    @property
    def request(self) -> Request:
        """What is examined, and how."""
        return self._request

    @property
    def running(self) -> bool:
        """Whether the engine is at work."""
        return self._driver.running

    async def ended(self) -> None:
        """Stops the engine and waits until it has ended its processes."""
        await self._driver.ended()

    # ------------------------------------------------------------------ what the engine says

    def _begin(self) -> None:
        self._diagnosis = None
        self._record = history.begin(self._request)
        self._clock = Clock(self._request.budget if self._request.probes else 0.0)
        self.query_one(Heading).begin(self._clock, self._first_word())
        self.query_one(FindingsPane).clear()
        self.query_one(ProbesPane).begin(self._clock)
        self._driver.begin(self._request)
        self.refresh_bindings()

    def on_driver_heard(self, message: Driver.Heard) -> None:
        """Pass an event of the engine to the tabs that show it."""
        data, probes, findings = self.query_one(DataPane), self.query_one(ProbesPane), self.query_one(FindingsPane)
        heading = self.query_one(Heading)
        match message.event:
            case ConfigRead(config, framework):
                self._config, self._framework = config, framework
                heading.name_it(examined(self._request, None, framework))
                for pane in self.query(ConfigurationPane):
                    pane.show(config)
            case ProgramRan(seen):
                self.query_one(MiniaturePane).show(seen)
                if seen.ended == "running":
                    self.query_one(Heading).stage(f"Running your program: {seen.steps} steps")
            case HistoryRead(past):
                self.query_one(LogPane).show(past)
            case ScanProgress() as event:
                heading.stage(f"Scanning {event.done:,} of {event.total:,}")
                data.progress(event)
            case ScanDone(dataset):
                if self.app.no_color and in_half_cells():
                    dataset = replace(dataset, pictures={})  # of half cells nothing is left without colours
                data.show(dataset)
                findings.picture(dataset)
                heading.name_it(examined(self._request, dataset, self._framework))
                if self._request.probes:
                    heading.stage("Starting the probes")
                    probes.say("Now: starting the probes, which reads the weights")
            case ProbesPlanned() as event:
                probes.planned(event)
            case ProbeStarted() as event:
                heading.stage(f"Probing: {event.arm}")
                probes.started(event)
            case ProbeStep() as event:
                probes.step(event)
            case Working() as event:
                heading.stage(f"{event.what}, {event.done:,} of {event.total:,}")
                probes.working(event)
            case ProbesMeasured(measured):
                probes.measured(measured)
                self.query_one(OutlookPane).show(measured)
            case Note(text):
                probes.say(text)
                if self._request.data is None:
                    heading.stage(printable(text))
            case Found(finding):
                findings.add(finding)
                data.offender(finding)
                self.query_one("#verdict", Static).update(headline_verdict(findings.found, "", so_far=True))
                self._count(findings.found)
            case Finished(diagnosis):
                self._finish(diagnosis)
            case _:
                pass

    def on_driver_refused(self, message: Driver.Refused) -> None:
        """Drop the record of a run that could not start, and post Refused to the app."""
        history.forget(self._record)
        self.post_message(self.Refused(message.request, message.why))

    def on_driver_broken(self, message: Driver.Broken) -> None:
        """Show an unexpected error; the run can be started again."""
        self._say(f"This run failed: {printable(message.why)}. Press r to try again.")
        self.query_one(Heading).end("failed")
        self.refresh_bindings()

    def _finish(self, diagnosis: Diagnosis) -> None:
        self._diagnosis = diagnosis
        history.finish(self._record, diagnosis)
        text = headline_verdict(diagnosis.findings, diagnosis.verdict)
        if diagnosis.worth_of_pretraining:
            text.append(f"\n{diagnosis.worth_of_pretraining}", "default")
        self.query_one("#verdict", Static).update(text)
        self.query_one(Heading).end(
            f"{'cancelled' if diagnosis.interrupted else 'done'} in {minutes(self._clock.seconds)}"
        )
        self.query_one(FindingsPane).show(diagnosis)
        self._count(diagnosis.findings)
        data = self.query_one(DataPane)
        for finding in diagnosis.findings:
            data.offender(finding)
        for pane in self.query(ComparePane):
            pane.show(diagnosis)
        for examined_pane in self.query(CheckpointPane):
            examined_pane.show(diagnosis)
        if diagnosis.evidence.configuration is not None:
            for known in self.query(ConfigurationPane):
                known.show(diagnosis.evidence.configuration, diagnosis.findings)
        self.query_one(ProbesPane).ended(bool(diagnosis.evidence.measured))
        self.refresh_bindings()
        self._fixing.begin(self._request.data, self._request.config, diagnosis)

    def on_fixing_patched(self, message: Fixing.Patched) -> None:
        """Offer the patches in the Findings tab."""
        self.query_one(FindingsPane).offer(message.made, message.fixed)

    def on_fixing_all(self, message: Fixing.All) -> None:
        """Show every fix that can be written together, and say what is left."""
        if message.edits:
            self._fixing.write(message.edits)
        if message.left:
            self.notify(f"Left to you: {', '.join(message.left)}.", title="Apply all", markup=False)
        elif not message.edits:
            self.notify("There is nothing that can be written.", title="Apply all", markup=False)

    def _count(self, findings: Sequence[Finding]) -> None:
        """How many there are of each severity, in the title of the tab."""
        tab = self.query_one(TabbedContent).get_tab("findings")
        tab.label = Content(f"1 Findings{counts(findings)}")
        # The tabs move their line at once, which may be before the tab has its new width.
        self.set_timer(LAID_OUT, lambda: tab.post_message(Tab.Relabelled(tab)))

    def _say(self, text: str) -> None:
        self.query_one("#verdict", Static).update(text)

    # ------------------------------------------------------------------ actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what is valid now: cancel and hold while running, save and again afterwards."""
        if action in ("cancel", "hold"):
            return self.running and (action == "cancel" or (CAN_HOLD and self._request.probes))
        if action == "extend":
            return self._request.probes
        if action in ("save", "again"):
            return not self.running
        if action == "what_if":
            return not self.running and self._config is not None
        if action == "tab" and parameters == ("compare",):
            return self._compares
        if action == "run_program":
            return not self.running and own_program.program_of(self._request.config) is not None
        if action == "tab" and parameters == ("run",):
            return own_program.program_of(self._request.config) is not None
        if action == "tab" and parameters == ("log",):
            return self._request.log is not None
        if action == "tab" and parameters == ("checkpoint",):
            return self._request.checkpoint is not None
        if action == "tab" and parameters == ("configuration",):
            return self._request.config is not None
        return True

    def action_tab(self, name: str) -> None:
        """Switch to the tab with this id and focus what has the keyboard there."""
        tabs = self.query_one(TabbedContent)
        tabs.active = name
        self.query_one(INNER[name]).focus()

    def action_cancel(self) -> None:
        """Cancel the run; what is known so far is kept."""
        self._driver.controls.stop.set()
        self.query_one(Heading).stage("Cancelling")

    def action_hold(self) -> None:
        """Pause the probes, or resume them."""
        controls, pane = self._driver.controls, self.query_one(ProbesPane)
        if controls.held:
            controls.go_on()
        else:
            controls.hold()
        self._clock.hold(controls.held)
        pane.hold(controls.held)

    def action_extend(self) -> None:
        """A minute more for probes that run; a run that has ended goes on, since nothing is run twice."""
        if self.running:
            self._driver.controls.extend(PLAN_LONGER)
            self.notify(f"{PLAN_LONGER:.0f} seconds more for the probes.")
        else:
            self._request = replace(self._request, budget=self._request.budget + PLAN_LONGER)
            self.action_again()

    def action_again(self) -> None:
        """Run the same request again."""
        self._say(self._first_word())
        self._begin()

    def action_run_program(self) -> None:
        """Ask whether the program may be run, and run it with everything else."""
        program = own_program.program_of(self._request.config)
        if program is not None:
            self.app.push_screen(RunItScreen(program), self._run_program)

    def _run_program(self, agreed: bool | None) -> None:
        if agreed:
            self._request = replace(self._request, run=True, own_code=True)
            self.action_again()
            self.action_tab("run")

    def action_what_if(self) -> None:
        """Ask for another value of a field, then verify it by paired probes."""
        if self._config is None:
            return
        names = [pane.field for pane in self.query(ConfigurationPane) if pane.field]
        self.app.push_screen(ChangeScreen(self._config, *names[:1]), self._verify)

    def _verify(self, changes: Mapping[str, Any] | None, finding: Finding | None = None) -> None:
        if changes:
            self.app.push_screen(VerifyScreen(self._request, changes, finding, self._fixing.write))

    def on_findings_pane_asked(self, message: FindingsPane.Asked) -> None:
        """Do what was asked about a finding; while probes run, nothing is written."""
        finding = message.finding
        if self.running and message.what in ("verify", "apply", "apply all", "undo"):
            self.notify("The probes are still running: c ends them and keeps what is known.", severity="warning")
        elif message.what == "apply all":
            self._fixing.apply_all()
        elif message.what == "undo":
            self._fixing.undo()
        elif finding is None:
            return
        elif message.what == "verify":
            self._verify(finding.changes, finding)
        else:
            {
                "apply": self._fixing.apply,
                "edit": self._fixing.open_editor,
                "copy": self._fixing.copy_path,
                "picture": self._fixing.open_picture,
            }[message.what](finding)

    async def action_choose(self) -> None:
        """End the run and go back to the start screen."""
        from diagnose.tui.start import StartScreen

        await self.ended()
        self.app.pop_screen()
        if not isinstance(self.app.screen, StartScreen):
            self.app.push_screen(StartScreen(self._request))

    def action_save(self) -> None:
        """Ask for a format and a place, and write the report there."""
        if self._diagnosis is not None:
            data, config = (
                None if given is None else str(given) for given in (self._request.data, self._request.config)
            )
            subject = Subject(data, config, self._fixing.diffs)
            self.app.push_screen(SaveScreen(self._diagnosis, subject))
