"""A tab that holds a part of the printed report, at its own width, scrolled."""

from __future__ import annotations

import io

from rich.console import Console
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from diagnose.model import Diagnosis

NARROWEST = 40


class PrintedPane(VerticalScroll, can_focus=True):
    """Empty until the diagnosis is there. A subclass says what is printed of it, in `print_to`."""

    DEFAULT_CSS = "PrintedPane { padding: 0 2; }"
    printed = "printed"  # the id of what holds the text

    def __init__(self) -> None:
        super().__init__()
        self._diagnosis: Diagnosis | None = None

    def compose(self) -> ComposeResult:
        """A placeholder until `show` fills it."""
        yield Static("Comes with the findings.", id=self.printed)

    def print_to(self, console: Console, diagnosis: Diagnosis) -> None:
        """Prints the part of the report that this tab is for."""
        raise NotImplementedError

    def show(self, diagnosis: Diagnosis) -> None:
        """That part, at the width of the pane."""
        self._diagnosis = diagnosis
        self._draw()

    def on_resize(self) -> None:
        """Wrap it again: a tab that isn't shown has no width, and a terminal may change its own."""
        self._draw()

    def _draw(self) -> None:
        if self._diagnosis is None or not self.size.width:
            return
        stream = io.StringIO()
        width = max(NARROWEST, self.size.width - 4)
        console = Console(file=stream, width=width, force_terminal=True, color_system="standard", highlight=False)
        self.print_to(console, self._diagnosis)
        self.query_one(f"#{self.printed}", Static).update(Text.from_ansi(stream.getvalue()))
