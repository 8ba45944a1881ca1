"""The configuration: every field with its value and its line, and the text it was read from with the faulty lines."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rich.syntax import Syntax
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import DataTable, Static

from diagnose.model import Config, Finding, Location, printable
from diagnose.report.source import source_of
from diagnose.report.text import MARKS, setting_shown

ABOVE = 6  # lines shown above the one that is looked at
LEXERS = {".py": "python", ".ipynb": "python", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".json": "json"}


class ConfigurationPane(Horizontal):
    """The Configuration tab: the table of fields, and beside it the file at the line of the selected one."""

    DEFAULT_CSS = """
    ConfigurationPane {
        DataTable { width: 3fr; min-width: 44; height: 100%; background: $background; }
        VerticalScroll { width: 4fr; height: 100%; padding: 0 1; }
        #source { height: auto; }
    }
    """

    BINDINGS = [  # noqa: RUF012  textual's own form
        Binding("j", "move('down')", "Down", show=False, id="configuration.down"),
        Binding("k", "move('up')", "Up", show=False, id="configuration.up"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._places: list[Location | None] = []
        self._names: list[str] = []
        self._faults: dict[tuple[str, int | None], set[int]] = {}

    def compose(self) -> ComposeResult:
        """The table, and the place and text of the source."""
        yield DataTable(cursor_type="row", classes="pane")
        with VerticalScroll(classes="pane"):
            yield Static(id="source")

    def on_mount(self) -> None:
        """Title the table."""
        self.query_one(DataTable).border_title = "Fields"

    def show(self, config: Config, findings: Iterable[Finding] = ()) -> None:
        """Every field, those that are known first; a field that a finding points to has its mark."""
        marks = {}
        for finding in sorted(findings, key=lambda one: -one.severity.rank):
            at = finding.location
            if at and at.line:
                marks[at.file, at.cell, at.line] = MARKS[finding.severity]
                self._faults.setdefault((at.file, at.cell), set()).add(at.line)
        table = self.query_one(DataTable)
        table.clear(columns=True)
        table.add_columns("", "field", "value", "line")
        self._places, self._names = [], []
        for name, setting in sorted(config.settings(), key=lambda item: not item[1].known):
            place = setting.location
            value = Text(printable(setting_shown(setting.value)))
            mark = marks.get((place.file, place.cell, place.line)) if place and place.line else None
            shown = value if setting.known else Text(printable(f"unknown: {setting.why}"), "dim")
            table.add_row(mark or "", name, shown, str(setting.line or ""))
            self._places.append(place)
            self._names.append(name)

    @property
    def field(self) -> str | None:
        """The field under the cursor, while a person is at the table."""
        table = self.query_one(DataTable)
        return self._names[table.cursor_row] if table.has_focus and table.cursor_row < len(self._names) else None

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Show the line that sets the field under the cursor."""
        if 0 <= event.cursor_row < len(self._places):
            self._look_at(self._places[event.cursor_row])

    def _look_at(self, place: Location | None) -> None:
        text = source_of(place) if place else None
        if place is None or text is None:
            self.query_one(VerticalScroll).border_title = "No file sets it"
            self.query_one("#source", Static).update("")
            return
        faulty = self._faults.get((place.file, place.cell), set())
        lines = faulty | ({place.line} if place.line else set())
        lexer = LEXERS.get(Path(place.file).suffix.lower(), "text")
        self.query_one(VerticalScroll).border_title = printable(str(place))
        self.query_one("#source", Static).update(
            Syntax(
                text,
                lexer,
                theme="ansi_dark" if self.app.current_theme.dark else "ansi_light",
                line_numbers=True,
                highlight_lines=lines,
                word_wrap=False,
                background_color="default",
            )
        )
        above = max(0, (place.line or 1) - 1 - ABOVE)
        self.call_after_refresh(self.query_one(VerticalScroll).scroll_to, y=above, animate=False)

    def action_move(self, way: str) -> None:
        """Move the cursor of the table; way: "up" or "down"."""
        getattr(self.query_one(DataTable), f"action_cursor_{way}")()
