"""Does the change help? The same probes with it and without, paired, before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Footer, ProgressBar, Static

from diagnose.events import Finished, ProbesMeasured, ProbesPlanned, ProbeStarted, ProbeStep, ScanProgress, Working
from diagnose.fixes.draft import CannotEdit, Edit
from diagnose.fixes.edit import as_settings, edits
from diagnose.fixes.plan import is_gone, patch
from diagnose.model import Attribution, Diagnosis, Evidence, Finding, InputError, ProbeRun, printable
from diagnose.report.paired import paired_lines
from diagnose.report.text import planned_line, probe_table, setting_shown
from diagnose.report.verified import GAINS, LOSES, OPEN, unmeasured, verified
from diagnose.report.waterfall import waterfall
from diagnose.request import Request
from diagnose.tui.driver import Driver
from diagnose.tui.titles import in_keys

BUDGET = 90.0  # seconds for the paired runs, unless the person gave less
Edits = tuple[Edit, ...]
STYLES = {GAINS: "bold green", LOSES: "bold red", OPEN: "yellow"}
NAMES = {"configured": "as it is", "the other": "with the change"}  # of the arms


def named(run: ProbeRun) -> ProbeRun:
    """The run under the name that it has here."""
    return replace(run, arm=NAMES.get(run.arm, run.arm))


class VerifyScreen(Screen[None]):
    """Paired probes of the configuration as it is and as it would be."""

    DEFAULT_CSS = """
    VerifyScreen {
        #title { height: 1; padding: 0 2; text-style: bold; background: $panel; }
        VerticalScroll { padding: 1 2; }
        Static { height: auto; }
        ProgressBar { width: 100%; margin: 1 0; }
        Bar { width: 1fr; }
        #answer { margin: 1 0; }
    }
    """
    BINDINGS = [  # noqa: RUF012  textual's own form
        Binding("a", "apply", "Apply", id="verify.apply", tooltip="Apply this change, after showing it"),
        Binding(
            "plus,equals_sign",
            "extend",
            "Longer",
            key_display="+",
            id="verify.extend",
            tooltip="Give these probes more time",
        ),
        Binding("escape,b", "back", "Back", id="verify.back", tooltip="Back to the findings"),
    ]
    HELP = """\
Your configuration and the same with the change are trained in short paired runs: same images, order and draws. The
difference counts only where its interval excludes zero. Nothing is written until you **apply**, which shows the change
as a diff first and keeps the old file. Runs that were done before are not done again.
"""

    def __init__(
        self, request: Request, changes: Mapping[str, Any], finding: Finding | None, write: Callable[[Edits], None]
    ) -> None:
        """write: shows edits, to be written on Enter."""
        super().__init__()
        self._changes, self._finding, self._write = changes, finding, write
        self._request = replace(
            request,
            model=None,
            probes=request.data is not None,
            budget=min(request.budget, BUDGET),
            against=request.config,
            against_settings=(*request.settings, *as_settings(changes)),
        )
        self._evidence: Evidence | None = None
        self._driver = Driver(self)
        self._done = 0
        self.answer: str = ""

    def compose(self) -> ComposeResult:
        """The change, the current probe, the answer and the table of runs."""
        changes = ", ".join(f"{name} {setting_shown(value)}" for name, value in self._changes.items())
        yield Static(printable(f"Verify: {changes}"), id="title", markup=False)
        with VerticalScroll(can_focus=True):
            yield Static("Reading …", id="now", markup=False)
            yield ProgressBar(show_eta=False, show_percentage=False)
            yield Static(id="answer")
            yield Static(id="runs")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Start the paired probes."""
        self.query_one(VerticalScroll).focus()
        self._begin()

    def _begin(self) -> None:
        self._driver.begin(self._request)
        self.refresh_bindings()

    @property
    def running(self) -> bool:
        """Whether the engine is at work."""
        return self._driver.running

    async def ended(self) -> None:
        """Stop the engine and wait until it has ended its processes."""
        await self._driver.ended()

    # ------------------------------------------------------------------ what the engine says

    def on_driver_heard(self, message: Driver.Heard) -> None:
        """Show progress, the runs and the answer so far."""
        match message.event:
            case ScanProgress(done, total):
                self._say(f"{done} of {total} files scanned", done, total)
            case ProbesPlanned() as plan:
                self._say(planned_line(plan), 0, 1)
            case ProbeStarted(arm, seed, _, _, steps):
                self._done = 0
                self._say(f"Now: {NAMES.get(arm, arm)}, seed {seed}", 0, steps)
            case Working(what, done, total):
                self._say(f"Now: {what}, {done} of {total}", done, total)
            case ProbeStep():
                self._done += 1
                self.query_one(ProgressBar).update(progress=self._done)
            case ProbesMeasured(probes):
                runs = tuple(map(named, probes.runs))
                pairs = Text("\n").join(paired_lines(runs, *NAMES.values()))
                self.query_one("#runs", Static).update(Group(pairs, Text(), probe_table(runs)))
                if probes.attribution:
                    self._answer(probes.attribution, final=False)
            case Finished(diagnosis):
                self._finish(diagnosis)
            case _:
                pass

    def on_driver_refused(self, message: Driver.Refused) -> None:
        """Show why the request cannot be carried out."""
        self._fail(printable(message.why))

    def on_driver_broken(self, message: Driver.Broken) -> None:
        """Show an unexpected error."""
        self._fail(f"This run failed: {printable(message.why)}.")

    def _fail(self, why: str) -> None:
        self._say(why, 0, 1)
        self.answer = why
        self.refresh_bindings()

    def _say(self, text: str, done: int, total: int) -> None:
        self.query_one("#now", Static).update(text)
        self.query_one(ProgressBar).update(progress=done, total=max(1, total))

    def _finish(self, diagnosis: Diagnosis) -> None:
        self.query_one(ProgressBar).display = False
        self._say(self._gone(diagnosis.evidence), 1, 1)
        self._evidence = diagnosis.evidence
        measured = diagnosis.evidence.measured
        if measured and measured.attribution:
            self._answer(measured.attribution, final=True)
        else:
            self.answer = in_keys(unmeasured(diagnosis))
            self.query_one("#answer", Static).update(Text(printable(self.answer), "yellow"))
        self.refresh_bindings()

    def _answer(self, attribution: Attribution, final: bool) -> None:
        self.answer, how = verified(attribution)
        shape: list[RenderableType] = [Text(self.answer if final else f"So far: {self.answer}", STYLES[how])]
        if len(attribution.parts) > 1:
            shape.append(waterfall(attribution))
        if final:
            shape.append(Text("\nA difference after equally short training; a full training run may differ.", "dim"))
        self.query_one("#answer", Static).update(Group(*shape))

    def _gone(self, evidence: Evidence) -> str:
        """Whether the finding is still there when the changed configuration is read."""
        if self._finding is None or self._request.against is None:
            return "Done."
        try:
            gone = is_gone(self._finding, evidence, self._request.against, self._changes)
        except InputError as fault:
            return printable(str(fault))
        return f"{self._finding.code} {'is gone' if gone else 'is still found'} with the change."

    # ------------------------------------------------------------------ actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key works now: "apply" only once the probes have ended."""
        if action == "apply":
            return not self.running
        return True

    def action_extend(self) -> None:
        """Half as much time again, to a run that is under way or one that has ended."""
        if self.running:
            self._driver.controls.extend(self._request.budget / 2)
            self.notify(f"{self._request.budget / 2:.0f} seconds more for these probes.")
        else:
            self._request = replace(self._request, budget=self._request.budget * 1.5)
            self.query_one(ProgressBar).display = True
            self._begin()

    def action_apply(self) -> None:
        """Show the change as a diff, to be written on Enter; say why where it cannot be written."""
        assert self._request.config is not None
        try:
            if self._finding is not None and self._evidence is not None:
                made = patch(self._request.config, self._finding, self._evidence)
            else:
                made = edits(self._request.config, self._changes)
        except (CannotEdit, InputError) as fault:
            self.notify(
                f"It cannot be written for you: {printable(str(fault))}. Change it by hand.",
                title="Not applied",
                severity="warning",
                markup=False,
            )
            return
        self._write(made)

    async def action_back(self) -> None:
        """End the probes and close the screen."""
        await self.ended()
        self.dismiss()
