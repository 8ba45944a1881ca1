"""Help for the screen a person is on: what it shows, and every key that works there."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Markdown, Static

MOVING = "Move and choose"
TASKS = {
    "run": "The run", "findings": "The findings", "verify": "The change", "past": "Earlier runs",
    "report": "The report", "start": "Start", "app": "diagnose",
}  # fmt: skip


class HelpScreen(ModalScreen[None]):
    """Help for the screen below it, and the keys that work there now."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > VerticalScroll {
        width: 78; max-width: 96%; height: auto; max-height: 90%;
        border: round $primary; background: $surface; padding: 0 2;
    }
    HelpScreen Markdown { height: auto; overflow: hidden; }
    """
    BINDINGS = [  # noqa: RUF012  textual's own form
        Binding("escape,q,question_mark", "dismiss", "Close", id="help.close"),
    ]

    def __init__(self, about: Screen[object]) -> None:
        super().__init__()
        self._about = about

    def compose(self) -> ComposeResult:
        """The screen's own help text, then the table of keys."""
        with VerticalScroll():
            yield Markdown(self._about.HELP or "")
            yield Static(self._keys())

    def _keys(self) -> Table:
        table = Table.grid(padding=(0, 2))
        seen: set[str] = set()
        group = ""
        order = [*TASKS]

        def rank(active: ActiveBinding) -> int:
            first = (active.binding.id or "").partition(".")[0]
            return order.index(first) if first in order else len(order)

        for active in sorted(self._about.active_bindings.values(), key=rank):
            binding = active.binding
            if active.enabled and binding.description and binding.action not in seen:
                seen.add(binding.action)
                task = TASKS.get((binding.id or "").partition(".")[0], MOVING)
                if task != group:
                    group = task
                    table.add_row("", Text(f"\n{task}", "bold"))
                table.add_row(self.app.get_key_display(binding), binding.tooltip or binding.description)
        return table
