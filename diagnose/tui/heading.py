"""The line at the top of a run: what is examined, what happens now, and a clock that moves from the first second."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from diagnose.tui.clock import Clock

BEAT = 0.25  # seconds between two pictures of the spinner
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
HELD = "‖"


class Heading(Horizontal):
    """One line. title: what is examined."""

    DEFAULT_CSS = """
    Heading {
        height: 1; background: $panel; padding: 0 1;
        #title { width: 1fr; text-style: bold; text-wrap: nowrap; text-overflow: ellipsis; }
        #clock { width: auto; max-width: 65%; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title, self._stage = title, ""
        self._clock: Clock | None = None
        self._beats = 0

    def compose(self) -> ComposeResult:
        """What is examined on the left, what happens and for how long on the right."""
        yield Static(self._title, id="title", markup=False)
        yield Static(id="clock", markup=False)

    def on_mount(self) -> None:
        """Start the spinner."""
        self.set_interval(BEAT, self._beat)

    def name_it(self, title: str) -> None:
        """Show another title."""
        self.query_one("#title", Static).update(title)

    def begin(self, clock: Clock, stage: str) -> None:
        """A run begins with this stage; the clock is read from now on."""
        self._clock = clock
        self.stage(stage)

    def stage(self, what: str) -> None:
        """Show what happens now."""
        self._stage = what
        self._draw()

    def end(self, text: str) -> None:
        """The run is over: show a text in place of the clock."""
        self._clock, self._stage = None, text
        self._draw()

    def _beat(self) -> None:
        if self._clock is not None:
            self._beats += 1
            self._draw()

    def _draw(self) -> None:
        shown = self._stage
        if (clock := self._clock) is not None:
            mark = HELD if clock.held else SPINNER[self._beats % len(SPINNER)]
            shown = f"{mark} {shown}   {clock}"
        line = self.query_one("#clock", Static)
        line.update(shown, layout=len(shown) != len(str(line.content)))  # four times a second: not the whole screen
