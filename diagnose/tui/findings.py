"""The findings: a list by severity, and one of them with its evidence, its fix and its documentation."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Group
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from diagnose.model import CheckResult, Dataset, Diagnosis, Finding, printable
from diagnose.registry import explanation, load_checks
from diagnose.report.text import COLOURS, MARKS, finding_details, finding_line
from diagnose.tui.contact_sheet import contact_sheet

STATES = {"passed": "✓", "skipped": "-", "crashed": "!"}


class Details(VerticalScroll):
    """One finding, or one check without a finding."""

    DEFAULT_CSS = """
    Details { padding: 0 2; }
    Details Static { height: auto; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._checks = load_checks()  # once: the cursor moves faster than packages are searched

    def compose(self) -> ComposeResult:
        yield Static(id="text")

    def show(self, item: Finding | CheckResult, pictures: Mapping[str, str]) -> None:
        """The item; pictures: of images, by their names."""
        check = self._checks[item.code]
        if isinstance(item, Finding):
            sheet = contact_sheet(item, pictures)
            shown = [Text(), sheet] if sheet is not None else []
            head = Group(finding_line(item), Text(), finding_details(item), *shown)
        else:
            why = f": {item.why}" if item.why else ""
            head = Group(Text(f"{item.code} {item.name}", "bold"), Text(f"{item.state}{printable(why)}"))
        self.query_one("#text", Static).update(Group(head, Text("\n" + explanation(check), "dim")))
        self.scroll_home(animate=False)


class DetailScreen(ModalScreen[None]):
    """Details over the whole screen, where there is no room beside the list."""

    DEFAULT_CSS = "DetailScreen Details { background: $surface; border: round $primary; }"
    BINDINGS = [Binding("escape,q,enter", "dismiss", "Back", id="detail.back")]  # noqa: RUF012  textual's own form
    HELP = "One finding: its evidence, its fix, and why it matters. Escape goes back."

    def __init__(self, item: Finding | CheckResult, pictures: Mapping[str, str]) -> None:
        super().__init__()
        self._item, self._pictures = item, pictures

    def compose(self) -> ComposeResult:
        yield Details()

    def on_mount(self) -> None:
        details = self.query_one(Details)
        details.show(self._item, self._pictures)
        details.focus()


class FindingsPane(Horizontal):
    DEFAULT_CSS = """
    FindingsPane {
        OptionList { width: 48; height: 100%; border: none; text-wrap: nowrap; text-overflow: ellipsis; }
        Details { width: 1fr; height: 100%; border-left: solid $primary-background; }
    }
    """

    BINDINGS = [  # noqa: RUF012  textual's own form
        Binding("j", "move('down')", "Down", show=False, id="findings.down"),
        Binding("k", "move('up')", "Up", show=False, id="findings.up"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._items: list[Finding | CheckResult] = []
        self._pictures: Mapping[str, str] = {}

    def compose(self) -> ComposeResult:
        yield OptionList(Option("Findings come when the evidence is in.", disabled=True))
        yield Details()

    def picture(self, data: Dataset) -> None:
        """Takes the pictures that findings may name."""
        self._pictures = data.pictures

    def add(self, finding: Finding) -> None:
        self._fill([*(item for item in self._items if isinstance(item, Finding)), finding])

    def show(self, diagnosis: Diagnosis) -> None:
        """Findings first, then every check that passed or was not examined: silence would look like success."""
        quiet = [result for result in diagnosis.results if result.state != "failed"]
        order = list(STATES)
        self._fill([*diagnosis.findings, *sorted(quiet, key=lambda r: order.index(r.state), reverse=True)])

    def _fill(self, items: list[Finding | CheckResult]) -> None:
        self._items = items
        listed = self.query_one(OptionList)
        listed.clear_options()
        listed.add_options([Option(_row(item)) for item in items])
        if items:
            listed.highlighted = 0
            # Its lines are wrapped only once it is seen, and what was scrolled to by then was somewhere else.
            self.call_after_refresh(listed.scroll_home, animate=False)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_index < len(self._items):
            self.query_one(Details).show(self._items[event.option_index], self._pictures)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if not self.query_one(Details).display:
            self.app.push_screen(DetailScreen(self._items[event.option_index], self._pictures))

    def action_move(self, way: str) -> None:
        getattr(self.query_one(OptionList), f"action_cursor_{way}")()


def _row(item: Finding | CheckResult) -> Text:
    if isinstance(item, Finding):
        mark = f"{MARKS[item.severity]} {item.code} "
        return Text.assemble((mark, COLOURS[item.severity]), item.name, (f"  {item.severity.value}", "dim"))
    return Text(f"{STATES[item.state]} {item.code} {item.name}  {item.state}", "dim")
