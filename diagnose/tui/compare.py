"""A against B, and the person's own network beside ResNet50: what the report prints, scrolled."""

from __future__ import annotations

import io

from rich.console import Console
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from diagnose.model import Diagnosis
from diagnose.report.contrast import print_contrast
from diagnose.report.network import print_network

NARROWEST = 40


class ComparePane(VerticalScroll, can_focus=True):
    """The Compare tab: empty until the diagnosis is there."""

    DEFAULT_CSS = "ComparePane { padding: 0 2; }"

    def __init__(self) -> None:
        super().__init__()
        self._diagnosis: Diagnosis | None = None

    def compose(self) -> ComposeResult:
        """A placeholder until `show` fills it."""
        yield Static("Comes with the findings.", id="compared")

    def show(self, diagnosis: Diagnosis) -> None:
        """Everything that was compared, at the width of the pane."""
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
        if self._diagnosis.contrast:
            print_contrast(self._diagnosis.contrast, console)
        if self._diagnosis.evidence.own:
            print_network(self._diagnosis.evidence.own, console)
        self.query_one("#compared", Static).update(Text.from_ansi(stream.getvalue()))
