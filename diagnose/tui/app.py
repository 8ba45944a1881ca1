"""The application: which screen comes first, the commands of the palette, and quitting cleanly."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace

from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen

from diagnose.engine import Request
from diagnose.model import printable
from diagnose.tui.help import HelpScreen
from diagnose.tui.run import RunScreen
from diagnose.tui.start import StartScreen


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
        if os.environ.get("NO_COLOR"):
            self.theme = "ansi-dark"
        if os.environ.get("SSH_CONNECTION"):
            self.animation_level = "none"
        if self._open_at_once:
            self.push_screen(RunScreen(self._request))
        else:
            self.push_screen(StartScreen(self._request))

    def on_start_screen_chosen(self, message: StartScreen.Chosen) -> None:
        request = replace(self._request, data=message.data, config=message.config)
        self.push_screen(RunScreen(request))

    def on_run_screen_refused(self, message: RunScreen.Refused) -> None:
        """The request cannot be carried out: say why, and let the person choose again."""
        self.pop_screen()
        if not isinstance(self.screen, StartScreen):
            self.push_screen(StartScreen(message.request))
        self.notify(printable(message.why), title="Cannot start", severity="error", timeout=20, markup=False)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        yield from super().get_system_commands(screen)
        if isinstance(screen, RunScreen):
            if screen.running:
                yield SystemCommand("run: cancel", "Stop scan and probes, keep what is known", screen.action_cancel)
            else:
                yield SystemCommand("run: again", "Scan and probe once more", screen.action_again)
                yield SystemCommand("report: save", "Write the report as text and JSON", screen.action_save)
            yield SystemCommand("run: other images", "Choose another folder", screen.action_choose)

    def action_help(self) -> None:
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

    async def action_quit(self) -> None:
        """Ends the engine first, so that no process is left behind."""
        for screen in self.screen_stack:
            if isinstance(screen, RunScreen):
                await screen.ended()
        self.exit()


def show(request: Request, open_at_once: bool) -> None:
    """Opens the TUI and returns when it is closed."""
    DiagnoseApp(request, open_at_once).run()
