"""The application: which screen comes first, the commands of the palette, themes, and quitting cleanly."""

from __future__ import annotations

import gc
import os
import shlex
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.text import Text
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen
from textual.theme import Theme

from diagnose import own_program
from diagnose.model import Diagnosis
from diagnose.request import Request
from diagnose.tui.colours import report_colours
from diagnose.tui.help import HelpScreen
from diagnose.tui.miniature import RunItScreen
from diagnose.tui.past import PastScreen
from diagnose.tui.pictures import picture_widget
from diagnose.tui.plain import PlainCharacters, wants_ascii
from diagnose.tui.preferences import chosen_theme, keep_theme
from diagnose.tui.run import RunScreen
from diagnose.tui.start import StartScreen
from diagnose.tui.titles import headline_verdict
from diagnose.tui.verify import VerifyScreen

HIGH_CONTRAST = Theme(
    name="high-contrast", dark=True, primary="#ffff00", secondary="#00ffff", accent="#ffff00", warning="#ffaf00",
    error="#ff5f5f", success="#00ff00", foreground="#ffffff", background="#000000", surface="#000000", panel="#262626",
    variables={"text-muted": "#ffffff", "footer-key-foreground": "#ffff00", "block-cursor-text-style": "bold reverse"},
)  # fmt: skip
SELDOM = 500  # collections of the middle generation for one of everything; 10 by default


class DiagnoseApp(App[RunScreen | None]):
    """`request` holds the options; `open_at_once` says whether it names the images too, or a person picks them.

    It returns the run that was on the screen when it was closed.
    """

    TITLE = "diagnose"
    CSS_PATH = "diagnose.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (100, "-wide")]  # noqa: RUF012  textual's own form
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (18, "-tall")]  # noqa: RUF012

    BINDINGS = [  # noqa: RUF012  textual's own form
        Binding("q", "quit", "Quit", id="app.quit", tooltip="Quit, and end every process"),
        Binding("question_mark", "help", "Help", key_display="?", id="app.help", tooltip="Help"),
        Binding("ctrl+q,ctrl+c", "quit", "Quit", show=False, priority=True, id="app.quit.now"),
    ]

    def __init__(self, request: Request, open_at_once: bool) -> None:
        super().__init__()
        self._request = request
        self._open_at_once = open_at_once
        if wants_ascii():
            self._filters.append(PlainCharacters())

    def on_mount(self) -> None:
        """Set the theme and open the first screen."""
        self.register_theme(HIGH_CONTRAST)
        self.theme_changed_signal.subscribe(self, lambda theme: self._colour())
        if os.environ.get("NO_COLOR"):
            self.theme = HIGH_CONTRAST.name  # which the framework turns into greys
        else:
            if (chosen := chosen_theme()) in self.available_themes:
                self.theme = chosen
            self.theme_changed_signal.subscribe(self, lambda theme: keep_theme(theme.name))
        self._colour()
        self.animation_level = "none"  # over a slow line, or while probes take every core, an answer beats a movement
        if self._open_at_once:
            self.push_screen(RunScreen(self._request))
        else:
            self.push_screen(StartScreen(self._request))

    def _colour(self) -> None:
        """Make the colours of reports readable on this theme."""
        dark = self.current_theme.dark
        colours = report_colours(self.theme_variables, dark, coloured=not os.environ.get("NO_COLOR"))
        if dark:
            self.ansi_theme_dark = colours
        else:
            self.ansi_theme_light = colours

    def on_start_screen_chosen(self, message: StartScreen.Chosen) -> None:
        """Diagnose what the person chose."""
        self.push_screen(RunScreen(message.request))

    def on_past_screen_opened(self, message: PastScreen.Opened) -> None:
        """Diagnose the project of an earlier run again."""
        self.pop_screen()
        self.push_screen(RunScreen(replace(self._request, data=message.data, config=message.config)))

    def on_run_screen_refused(self, message: RunScreen.Refused) -> None:
        """The request cannot be carried out: say why, and let the person choose again."""
        self.pop_screen()
        below = self.screen
        screen = below if isinstance(below, StartScreen) else StartScreen(message.request)
        if screen is not below:
            self.push_screen(screen)
        screen.call_after_refresh(screen.refuse, message.why)
        program = own_program.program_of(message.request.config)
        there = message.request.data is None or Path(str(message.request.data)).exists()
        if program is not None and there and not message.request.run:
            self._offer_to_run(program, message)

    def _offer_to_run(self, program: str, message: RunScreen.Refused) -> None:
        """A program whose text or data cannot be read may still be run."""

        def answered(agreed: bool | None) -> None:
            if agreed:
                self.push_screen(RunScreen(replace(message.request, run=True, own_code=True)))

        self.push_screen(RunItScreen(program, message.why), answered)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every key of the screen that works now, as a sentence, before textual's own commands."""
        seen = set()
        for active in screen.active_bindings.values():
            binding = active.binding
            if not (active.enabled and binding.description and binding.id) or binding.action in seen:
                continue
            seen.add(binding.action)
            key = self.get_key_display(binding)

            async def run(action: str = binding.action, node: object = active.node) -> None:
                await self.run_action(action, node)  # type: ignore[arg-type]  # a DOM node

            yield SystemCommand(binding.tooltip or binding.description, f"the key {key}", run)
        yield from super().get_system_commands(screen)

    def action_help(self) -> None:
        """Open the help for the current screen."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

    def action_past(self) -> None:
        """Open the list of earlier runs."""
        self.push_screen(PastScreen())

    async def action_quit(self) -> None:
        """Ends the engine first, so that no process is left behind."""
        for screen in self.screen_stack:
            if isinstance(screen, RunScreen | VerifyScreen):
                await screen.ended()
        done = [one for one in self.screen_stack if isinstance(one, RunScreen) and one.diagnosis]
        self.exit(done[-1] if done else None)


def show(request: Request, open_at_once: bool) -> None:
    """Opens the TUI and returns when it is closed.

    The garbage collector goes through everything that is loaded, 200 ms beside the probes, while keys wait: it does so
    seldom here. Short-lived objects are collected as ever.
    """
    picture_widget()  # asks the terminal, while it can
    gc.set_threshold(*gc.get_threshold()[:2], SELDOM)
    last = DiagnoseApp(request, open_at_once).run()
    if last is not None and last.diagnosis is not None:
        farewell(last.request, last.diagnosis)


def farewell(request: Request, diagnosis: Diagnosis) -> None:
    """Print the verdict of the last run, and how to read its report again, where the screen was."""
    console = Console(highlight=False, markup=False, emoji=False)
    console.print(headline_verdict(diagnosis.findings, diagnosis.verdict))
    words = shlex.join(str(word) for word in (request.data, request.config) if word)
    console.print(Text(f"The report is kept: h in diagnose lists it; diagnose {words} --report prints it.", "dim"))
