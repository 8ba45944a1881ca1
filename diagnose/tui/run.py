"""One diagnosis: the engine in a thread, its events shown in three tabs, cancelled and quit at any moment."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, Static, TabbedContent, TabPane

from diagnose.engine import Request, diagnose
from diagnose.events import (
    ConfigRead,
    Event,
    Finished,
    Found,
    Note,
    ProbesMeasured,
    ProbesPlanned,
    ProbeStarted,
    ProbeStep,
    ScanDone,
    ScanProgress,
)
from diagnose.model import Diagnosis, InputError, printable
from diagnose.report.json import render_json
from diagnose.report.text import render_text, verdict_line
from diagnose.tui.compare import ComparePane
from diagnose.tui.configuration import ConfigurationPane
from diagnose.tui.data import DataPane
from diagnose.tui.findings import FindingsPane
from diagnose.tui.probes import ProbesPane

PATIENCE = 10.0  # seconds that quitting waits for the engine; it ends its processes within five
# What has the keyboard in each tab.
INNER = {
    "data": "DataPane DataTable", "probes": "ProbesPane", "findings": "FindingsPane OptionList",
    "configuration": "ConfigurationPane DataTable", "compare": "ComparePane",
}  # fmt: skip
REPORT_NAMES = ("diagnose-report.txt", "diagnose-report.json")


class RunScreen(Screen[None]):
    """Scan, probes and findings of one request."""

    DEFAULT_CSS = """
    RunScreen #title { height: 1; padding: 0 2; text-style: bold; background: $panel; }
    RunScreen #verdict { height: auto; max-height: 5; padding: 0 2; background: $surface; }
    """

    BINDINGS = [  # noqa: RUF012  textual's own form
        Binding("1", "tab('data')", "Data", id="run.data"),
        Binding("2", "tab('probes')", "Probes", id="run.probes"),
        Binding("3", "tab('findings')", "Findings", id="run.findings"),
        Binding("4", "tab('configuration')", "Configuration", id="run.configuration"),
        Binding("5", "tab('compare')", "Compare", id="run.compare"),
        Binding("c", "cancel", "Cancel", id="run.cancel"),
        Binding("s", "save", "Save report", id="run.save"),
        Binding("r", "again", "Again", show=False, id="run.again"),
        Binding("o", "choose", "Other images", show=False, id="run.choose"),
    ]
    HELP = """\
**Data** shows the scan, then the images per class. **Probes** shows short trainings as they run: from random
weights (scratch), from pretrained ones, and as configured. **Findings** lists what is wrong, the gravest first;
below them stand the checks that passed and those that lacked evidence. **Configuration** shows every field with the
line that says so, and the text with the faulty lines marked. **Compare**, with `--against` or `--model`,
tells how two programs differ, and how your own network does from ResNet50.

Cancel keeps what is known so far. Quitting ends every process.
"""

    class Heard(Message):
        """The engine said something."""

        def __init__(self, event: Event) -> None:
            super().__init__()
            self.event = event

    class Refused(Message):
        """The engine cannot carry the request out."""

        def __init__(self, request: Request, why: str) -> None:
            super().__init__()
            self.request, self.why = request, why

    class Broken(Message):
        """The engine failed in a way that no one foresaw."""

        def __init__(self, why: str) -> None:
            super().__init__()
            self.why = why

    def __init__(self, request: Request) -> None:
        super().__init__()
        self._request = request
        self._stop = threading.Event()
        self._over = threading.Event()
        self._diagnosis: Diagnosis | None = None

    def compose(self) -> ComposeResult:
        yield Static(self._title(), id="title", markup=False)
        yield Static("diagnose needs at least 60 by 18 characters.", id="too-small")
        yield Static(self._first_word(), id="verdict", markup=False)
        with TabbedContent(initial="data"):
            with TabPane("Data", id="data"):
                yield DataPane()
            with TabPane("Probes", id="probes"):
                yield ProbesPane()
            with TabPane("Findings", id="findings"):
                yield FindingsPane()
            if self._request.config is not None:
                with TabPane("Configuration", id="configuration"):
                    yield ConfigurationPane()
            if self._compares:
                with TabPane("Compare", id="compare"):
                    yield ComparePane()
        yield Footer()

    def on_mount(self) -> None:
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
        return not self._over.is_set()

    # ------------------------------------------------------------------ the engine, in a thread

    def _begin(self) -> None:
        self._stop, self._over = threading.Event(), threading.Event()
        stop, over = self._stop, self._over
        self.run_worker(lambda: self._work(stop, over), thread=True, exit_on_error=False)
        self.refresh_bindings()

    def _work(self, stop: threading.Event, over: threading.Event) -> None:
        """Only posts messages; the handlers below own the state."""
        try:
            for event in diagnose(self._request, stop):
                self.post_message(self.Heard(event))
        except InputError as fault:
            self.post_message(self.Refused(self._request, str(fault)))
        except Exception as fault:
            self.post_message(self.Broken(f"{type(fault).__name__}: {fault}"))
        finally:
            over.set()

    async def ended(self) -> None:
        """Stops the engine and waits until it has ended its processes."""
        self._stop.set()
        await asyncio.to_thread(self._over.wait, PATIENCE)

    # ------------------------------------------------------------------ what it says

    def on_run_screen_heard(self, message: Heard) -> None:
        data, probes, findings = self.query_one(DataPane), self.query_one(ProbesPane), self.query_one(FindingsPane)
        match message.event:
            case ConfigRead(config):
                for pane in self.query(ConfigurationPane):
                    pane.show(config)
            case ScanProgress() as event:
                data.progress(event)
            case ScanDone(dataset):
                data.show(dataset)
                findings.picture(dataset)
                if self._request.probes:
                    self._say("Probing: short trainings that tell what the long run would …")
                    self.action_tab("probes")
            case ProbesPlanned() as event:
                probes.planned(event)
            case ProbeStarted() as event:
                probes.started(event)
            case ProbeStep() as event:
                probes.step(event)
            case ProbesMeasured(measured):
                probes.measured(measured)
            case Note(text):
                probes.say(text)
                if self._request.data is None:
                    self._say(f"{printable(text)} …")
            case Found(finding):
                findings.add(finding)
            case Finished(diagnosis):
                self._finish(diagnosis)
            case _:
                pass

    def on_run_screen_broken(self, message: Broken) -> None:
        self._say(f"This run failed: {printable(message.why)}. Press r to try again.")

    def _finish(self, diagnosis: Diagnosis) -> None:
        self._diagnosis = diagnosis
        text = verdict_line(diagnosis)
        if diagnosis.worth_of_pretraining:
            text.append(f"\n{diagnosis.worth_of_pretraining}", "default")
        self.query_one("#verdict", Static).update(text)
        self.query_one(FindingsPane).show(diagnosis)
        for pane in self.query(ComparePane):
            pane.show(diagnosis)
        if diagnosis.evidence.configuration is not None:
            for known in self.query(ConfigurationPane):
                known.show(diagnosis.evidence.configuration, diagnosis.findings)
        self.query_one(ProbesPane).say("The probes are done." if diagnosis.evidence.measured else "No probes were run.")
        self.action_tab("findings")
        self.refresh_bindings()

    def _say(self, text: str) -> None:
        self.query_one("#verdict", Static).update(text)

    # ------------------------------------------------------------------ actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what is valid now: cancel while running, save and again afterwards."""
        if action == "cancel":
            return self.running
        if action in ("save", "again"):
            return not self.running
        if action == "tab" and parameters == ("compare",):
            return self._compares
        if action == "tab" and parameters == ("configuration",):
            return self._request.config is not None
        return True

    def action_tab(self, name: str) -> None:
        tabs = self.query_one(TabbedContent)
        tabs.active = name
        self.query_one(INNER[name]).focus()

    def action_cancel(self) -> None:
        self._stop.set()
        self._say("Cancelling …")

    def action_again(self) -> None:
        self._say(self._first_word())
        self.action_tab("data")
        self._begin()

    async def action_choose(self) -> None:
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
