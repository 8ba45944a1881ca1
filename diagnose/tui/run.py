"""One diagnosis: what the engine says, shown in tabs, held, cancelled and quit at any moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, Static, TabbedContent, TabPane

from diagnose import history
from diagnose.controls import CAN_HOLD
from diagnose.engine import Request
from diagnose.events import (
    ConfigRead,
    Finished,
    Found,
    Note,
    ProbesMeasured,
    ProbesPlanned,
    ProbeStarted,
    ProbeStep,
    ScanDone,
    ScanProgress,
    Working,
)
from diagnose.fixes.draft import Edit
from diagnose.fixes.plan import patches
from diagnose.model import Config, Diagnosis, Finding, printable
from diagnose.report.json import render_json
from diagnose.report.text import render_text, verdict_line
from diagnose.tui.apply import ApplyScreen
from diagnose.tui.change import ChangeScreen
from diagnose.tui.compare import ComparePane
from diagnose.tui.configuration import ConfigurationPane
from diagnose.tui.data import DataPane
from diagnose.tui.driver import Driver
from diagnose.tui.findings import FindingsPane
from diagnose.tui.outlook import OutlookPane
from diagnose.tui.pictures import in_half_cells
from diagnose.tui.probes import ProbesPane
from diagnose.tui.verify import VerifyScreen

# What has the keyboard in each tab.
INNER = {
    "data": "DataPane DataTable", "probes": "ProbesPane", "findings": "FindingsPane OptionList",
    "configuration": "ConfigurationPane DataTable", "outlook": "OutlookPane", "compare": "ComparePane",
}  # fmt: skip
REPORT_NAMES = ("diagnose-report.txt", "diagnose-report.json")
PLAN_LONGER = 60.0  # seconds that one press adds


class RunScreen(Screen[None]):
    """Scan, probes and findings of one request."""

    DEFAULT_CSS = """
    RunScreen #title { height: 1; padding: 0 2; text-style: bold; background: $panel; }
    RunScreen #verdict { height: auto; max-height: 5; padding: 0 2; background: $surface; }
    """

    BINDINGS = [  # noqa: RUF012  textual's own form
        Binding("1", "tab('data')", "Data", show=False, id="run.data"),
        Binding("2", "tab('probes')", "Probes", show=False, id="run.probes"),
        Binding("3", "tab('findings')", "Findings", show=False, id="run.findings"),
        Binding("4", "tab('configuration')", "Configuration", show=False, id="run.configuration"),
        Binding("5", "tab('outlook')", "Outlook", show=False, id="run.outlook"),
        Binding("6", "tab('compare')", "Compare", show=False, id="run.compare"),
        Binding("c", "cancel", "Cancel", id="run.cancel"),
        Binding("p", "hold", "Pause", id="run.pause"),
        Binding("plus,equals_sign", "extend", "Longer", key_display="+", id="run.extend"),
        Binding("w", "what_if", "What if", id="run.what_if"),
        Binding("s", "save", "Save report", show=False, id="run.save"),
        Binding("r", "again", "Again", show=False, id="run.again"),
        Binding("o", "choose", "Other images", show=False, id="run.choose"),
        Binding("h", "app.past", "Earlier runs", show=False, id="run.past"),
    ]
    HELP = """\
**1 Data**: the scan, the images per class, and those that something is wrong with. **2 Probes**: short trainings as
they run: from random weights (scratch), from pretrained ones, and as configured. **3 Findings**: what is wrong, the
gravest first, then the checks that passed and those that lacked evidence; `/` searches, `f` filters, `g` groups, `t`
sorts. **4 Configuration**: every field with the line that says so. **5 Outlook**: what explains the gap, how much data
is enough, the full training run. **6 Compare**, with `--against` or `--model`: two programs, or your network beside
ResNet50.

`v` verifies the fix of a finding by paired probes, `a` applies it after showing the diff, `w` asks what another value
would gain. `p` holds the probes, `+` gives them a minute more, `c` ends the run and keeps what is known. Quitting ends
every process; finished probes are kept and not run again.
"""

    class Refused(Message):
        """The engine cannot carry the request out."""

        def __init__(self, request: Request, why: str) -> None:
            super().__init__()
            self.request, self.why = request, why

    class Patched(Message):
        """What can be written for the findings, by fingerprint."""

        def __init__(self, made: Mapping[str, tuple[Edit, ...] | str]) -> None:
            super().__init__()
            self.made = made

    def __init__(self, request: Request) -> None:
        super().__init__()
        self._request = request
        self._driver = Driver(self)
        self._diagnosis: Diagnosis | None = None
        self._probing = False
        self._config: Config | None = None
        self._record: Path | None = None

    def compose(self) -> ComposeResult:
        """The title, the verdict and the tabs; Configuration and Compare only where there is something to show."""
        yield Static(self._title(), id="title", markup=False)
        yield Static("diagnose needs at least 60 by 18 characters.", id="too-small")
        yield Static(self._first_word(), id="verdict", markup=False)
        with TabbedContent(initial="data"):
            with TabPane("1 Data", id="data"):
                yield DataPane()
            with TabPane("2 Probes", id="probes"):
                yield ProbesPane()
            with TabPane("3 Findings", id="findings"):
                yield FindingsPane()
            if self._request.config is not None:
                with TabPane("4 Configuration", id="configuration"):
                    yield ConfigurationPane()
            with TabPane("5 Outlook", id="outlook"):
                yield OutlookPane()
            if self._compares:
                with TabPane("6 Compare", id="compare"):
                    yield ComparePane()
        yield Footer()

    def on_mount(self) -> None:
        """Start the run."""
        self._begin()

    def _title(self) -> str:
        names = [Path(self._request.data).absolute().name] if self._request.data is not None else []
        names += [Path(self._request.config).name] if self._request.config else []
        return f"diagnose   {printable('   '.join(names))}"

    def _first_word(self) -> str:
        return "Scanning …" if self._request.data is not None else "Reading …"

    @property
    def _compares(self) -> bool:
        """Whether there is a second configuration, or a network of one's own."""
        return self._request.against is not None or self._request.model is not None

    @property
    def running(self) -> bool:
        """Whether the engine is at work."""
        return self._driver.running

    async def ended(self) -> None:
        """Stops the engine and waits until it has ended its processes."""
        await self._driver.ended()

    # ------------------------------------------------------------------ what the engine says

    def _begin(self) -> None:
        self._diagnosis, self._probing = None, False
        self._record = history.begin(self._request)
        self.query_one(FindingsPane).clear()
        self.query_one(ProbesPane).begin(self._request.budget if self._request.probes else 0.0)
        self._driver.begin(self._request)
        self.refresh_bindings()

    def on_driver_heard(self, message: Driver.Heard) -> None:
        """Pass an event of the engine to the tabs that show it."""
        data, probes, findings = self.query_one(DataPane), self.query_one(ProbesPane), self.query_one(FindingsPane)
        match message.event:
            case ConfigRead(config):
                self._config = config
                for pane in self.query(ConfigurationPane):
                    pane.show(config)
            case ScanProgress() as event:
                data.progress(event)
            case ScanDone(dataset):
                if self.app.no_color and in_half_cells():
                    dataset = replace(dataset, pictures={})  # of half cells nothing is left without colours
                data.show(dataset)
                findings.picture(dataset)
                if self._request.probes and not self._probing:
                    self._probing = True
                    self._say("Probing: short trainings on your images. What the scan found is in tab 3 already.")
                    probes.say("Now: starting the probes, which reads the weights")
                    self.action_tab("probes")
            case ProbesPlanned() as event:
                probes.planned(event)
            case ProbeStarted() as event:
                probes.started(event)
            case ProbeStep() as event:
                probes.step(event)
            case Working() as event:
                probes.working(event)
            case ProbesMeasured(measured):
                probes.measured(measured)
                self.query_one(OutlookPane).show(measured)
            case Note(text):
                probes.say(text)
                if self._request.data is None:
                    self._say(f"{printable(text)} …")
            case Found(finding):
                findings.add(finding)
                data.offender(finding)
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
        self.refresh_bindings()

    def _finish(self, diagnosis: Diagnosis) -> None:
        self._diagnosis = diagnosis
        history.finish(self._record, diagnosis)
        text = verdict_line(diagnosis)
        if diagnosis.worth_of_pretraining:
            text.append(f"\n{diagnosis.worth_of_pretraining}", "default")
        self.query_one("#verdict", Static).update(text)
        self.query_one(FindingsPane).show(diagnosis)
        data = self.query_one(DataPane)
        for finding in diagnosis.findings:
            data.offender(finding)
        for pane in self.query(ComparePane):
            pane.show(diagnosis)
        if diagnosis.evidence.configuration is not None:
            for known in self.query(ConfigurationPane):
                known.show(diagnosis.evidence.configuration, diagnosis.findings)
        self.query_one(ProbesPane).ended(bool(diagnosis.evidence.measured))
        self.action_tab("findings")
        self.refresh_bindings()
        if self._request.config is not None:
            self.run_worker(lambda: self._patch(diagnosis), thread=True, exit_on_error=False)

    def _patch(self, diagnosis: Diagnosis) -> None:
        """In a thread: a program is read anew for each of its patches."""
        assert self._request.config is not None
        self.post_message(self.Patched(patches(self._request.config, diagnosis)))

    def on_run_screen_patched(self, message: Patched) -> None:
        """Offer the patches in the Findings tab."""
        self.query_one(FindingsPane).offer(message.made)

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
        if action == "tab" and parameters == ("configuration",):
            return self._request.config is not None
        return True

    def action_tab(self, name: str) -> None:
        """Switch to the tab of this id and focus what has the keyboard there."""
        tabs = self.query_one(TabbedContent)
        tabs.active = name
        self.query_one(INNER[name]).focus()

    def action_cancel(self) -> None:
        """Cancel the run; what is known so far is kept."""
        self._driver.controls.stop.set()
        self._say("Cancelling …")

    def action_hold(self) -> None:
        """Pause the probes, or resume them."""
        controls, pane = self._driver.controls, self.query_one(ProbesPane)
        if controls.held:
            controls.go_on()
        else:
            controls.hold()
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
        self.action_tab("data")
        self._begin()

    def action_what_if(self) -> None:
        """Ask for another value of a field, then verify it by paired probes."""
        if self._config is None:
            return
        names = [pane.field for pane in self.query(ConfigurationPane) if pane.field]
        self.app.push_screen(ChangeScreen(self._config, *names[:1]), self._verify)

    def _verify(self, changes: Mapping[str, Any] | None, finding: Finding | None = None) -> None:
        if changes:
            self.app.push_screen(VerifyScreen(self._request, changes, finding))

    def on_findings_pane_asked(self, message: FindingsPane.Asked) -> None:
        """Verify or apply the fix of a finding; while probes run, say that they have to end first."""
        made = self.query_one(FindingsPane).evidence.edits.get(message.finding.fingerprint)
        if self.running:
            self.notify("The probes are still running: c ends them and keeps what is known.", severity="warning")
        elif message.what == "verify":
            self._verify(message.finding.changes, message.finding)
        elif made and not isinstance(made, str):
            self.app.push_screen(ApplyScreen(made))
        else:
            why = f"{printable(made)}. " if isinstance(made, str) else ""
            self.notify(f"{why}Change it by hand: {printable(message.finding.fix)}", title="No patch", markup=False)

    async def action_choose(self) -> None:
        """End the run and go back to the start screen."""
        from diagnose.tui.start import StartScreen

        await self.ended()
        self.app.pop_screen()
        if not isinstance(self.app.screen, StartScreen):
            self.app.push_screen(StartScreen(self._request))

    def action_save(self) -> None:
        """Writes both reports into the current folder, and says where."""
        if self._diagnosis is None:
            return
        try:
            for name, text in zip(
                REPORT_NAMES, (render_text(self._diagnosis), render_json(self._diagnosis)), strict=True
            ):
                Path(name).write_text(text, encoding="utf-8")
        except OSError as fault:
            self.notify(f"{Path.cwd()}: {fault.strerror}", title="Not saved", severity="error", markup=False)
        else:
            self.notify(f"{' and '.join(REPORT_NAMES)} in {Path.cwd()}", title="Saved", markup=False)
