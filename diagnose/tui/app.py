"""The application: which screen comes first, the commands of the palette, themes, and quitting cleanly."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable
from dataclasses import replace

from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen
from textual.theme import Theme

from diagnose.engine import Request
from diagnose.model import printable
from diagnose.tui.help import HelpScreen
from diagnose.tui.past import PastScreen
from diagnose.tui.pictures import picture_widget
from diagnose.tui.preferences import chosen_theme, keep_theme
from diagnose.tui.run import RunScreen
from diagnose.tui.start import StartScreen
from diagnose.tui.verify import VerifyScreen

HIGH_CONTRAST = Theme(
    name="high-contrast", dark=True, primary="#ffff00", secondary="#00ffff", accent="#ffff00", warning="#ffaf00",
    error="#ff5f5f", success="#00ff00", foreground="#ffffff", background="#000000", surface="#000000", panel="#262626",
    variables={"text-muted": "#ffffff", "footer-key-foreground": "#ffff00", "block-cursor-text-style": "bold reverse"},
)  # fmt: skip
SELDOM = 500  # collections of the middle generation for one of everything; 10 by default


class DiagnoseApp(App[None]):
    """`request` holds the options; `open_at_once` says whether it names the images too, or a person picks them."""

    TITLE = "diagnose"
    CSS_PATH = "diagnose.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (100, "-wide")]  # noqa: RUF012  textual's own form
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (18, "-tall")]  # noqa: RUF012

    BINDINGS = [  # noqa: RUF012  textual's own form
        Binding("q", "quit", "Quit", id="app.quit"),
        Binding("question_mark", "help", "Help", key_display="?", id="app.help"),
        Binding("ctrl+q,ctrl+c", "quit", "Quit", show=False, priority=True, id="app.quit.now"),
    ]

    def __init__(self, request: Request, open_at_once: bool) -> None:
        super().__init__()
        self._request = request
        self._open_at_once = open_at_once

    def on_mount(self) -> None:
        """Set the theme and open the first screen."""
        self.register_theme(HIGH_CONTRAST)
        if os.environ.get("NO_COLOR"):
            self.theme = "ansi-dark"
        else:
            if (chosen := chosen_theme()) in self.available_themes:
                self.theme = chosen
            self.theme_changed_signal.subscribe(self, lambda theme: keep_theme(theme.name))
        self.animation_level = "none"  # over a slow line, or while probes take every core, an answer beats a movement
        if self._open_at_once:
            self.push_screen(RunScreen(self._request))
        else:
            self.push_screen(StartScreen(self._request))

    def on_start_screen_chosen(self, message: StartScreen.Chosen) -> None:
        """Diagnose what the person chose."""
        self._open(message.data, message.config)

    def on_past_screen_opened(self, message: PastScreen.Opened) -> None:
        """Diagnose the project of an earlier run again."""
        self.pop_screen()
        self._open(message.data, message.config)

    def _open(self, data: str | None, config: str | None) -> None:
        self.push_screen(RunScreen(replace(self._request, data=data, config=config)))

    def on_run_screen_refused(self, message: RunScreen.Refused) -> None:
        """The request cannot be carried out: say why, and let the person choose again."""
        self.pop_screen()
        if not isinstance(self.screen, StartScreen):
            self.push_screen(StartScreen(message.request))
        self.notify(printable(message.why), title="Cannot start", severity="error", timeout=20, markup=False)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every key of the screen that works now, as "group: verb", beside textual's own commands."""
        yield from super().get_system_commands(screen)
        seen = set()
        for active in screen.active_bindings.values():
            binding = active.binding
            if not (active.enabled and binding.description and binding.id) or binding.action in seen:
                continue
            seen.add(binding.action)
            group = binding.id.partition(".")[0]
            key = self.get_key_display(binding)

            async def run(action: str = binding.action, node: object = active.node) -> None:
                await self.run_action(action, node)  # type: ignore[arg-type]  # a DOM node

            yield SystemCommand(f"{group}: {binding.description.lower()}", f"the key {key}", run)

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
        self.exit()


def show(request: Request, open_at_once: bool) -> None:
    """Opens the TUI and returns when it is closed.

    The garbage collector goes through everything that is loaded, 200 ms beside the probes, while keys wait: it does so
    seldom here. Short-lived objects are collected as ever.
    """
    picture_widget()  # asks the terminal, while it can
    gc.set_threshold(*gc.get_threshold()[:2], SELDOM)
    DiagnoseApp(request, open_at_once).run()
