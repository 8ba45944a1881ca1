"""A checkpoint that was examined: what the report prints of it, scrolled."""

from __future__ import annotations

import io

from rich.console import Console
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from diagnose.model import Diagnosis
from diagnose.report.checkpoint import print_checkpoint

NARROWEST = 40


class CheckpointPane(VerticalScroll, can_focus=True):
    """The Checkpoint tab: empty until the diagnosis is there."""

    DEFAULT_CSS = "CheckpointPane { padding: 0 2; }"

    def __init__(self) -> None:
        super().__init__()
        self._diagnosis: Diagnosis | None = None

    def compose(self) -> ComposeResult:
        """A placeholder until `show` fills it."""
        yield Static("Comes with the findings.", id="autopsy")

    def show(self, diagnosis: Diagnosis) -> None:
        """The checkpoint, at the width of the pane."""
        self._diagnosis = diagnosis
        self._draw()

    def on_resize(self) -> None:
        """Wrap it again: a tab that isn't shown has no width, and a terminal may change its own."""
        self._draw()

    def _draw(self) -> None:
        if self._diagnosis is None or self._diagnosis.evidence.autopsy is None or not self.size.width:
            return
        stream = io.StringIO()
        width = max(NARROWEST, self.size.width - 4)
        console = Console(file=stream, width=width, force_terminal=True, color_system="standard", highlight=False)
        print_checkpoint(self._diagnosis.evidence.autopsy, console)
        self.query_one("#autopsy", Static).update(Text.from_ansi(stream.getvalue()))
