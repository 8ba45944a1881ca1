"""The findings: a list to filter, search, group and sort, and one of them with evidence, fix and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from diagnose import model
from diagnose.fixes.draft import Edit
from diagnose.model import Dataset, Diagnosis, Finding, Probes, in_order, printable
from diagnose.registry import explanation, load_checks
from diagnose.report.curves import draw_losses, draw_range_test, drawn, loss_curves
from diagnose.report.dataset import pictured
from diagnose.report.text import COLOURS, MARKS, finding_details, finding_line
from diagnose.tui.apply import diff_of
from diagnose.tui.arrange import FILTERS, GROUPS, ORDERS, STATES, Item, View, after
from diagnose.tui.contact_sheet import ContactSheet

PLOT = (64, 12)  # columns and rows
RATES = ("learning-rate-too-high", "learning-rate-too-low")


class Shown:
    """What details can show beside the finding itself."""

    def __init__(self) -> None:
        self.pictures: Mapping[str, str] = {}
        self.probes: Probes | None = None
        self.edits: Mapping[str, tuple[Edit, ...] | str] = {}  # by fingerprint; or why there is none

    def below(self, item: Finding) -> list[RenderableType]:
        """The fix as a diff and the plot: whichever there are."""
        shape: list[RenderableType] = []
        made = self.edits.get(item.fingerprint)
        if isinstance(made, str):
            shape.append(Text(f"\nNo patch: {printable(made)}.", "dim"))
        elif made:
            keys = "v verifies this change by paired probes, a applies it" if item.changes else "a applies this change"
            shape += [Text(f"\n{keys}:"), *map(diff_of, made)]
        if self.probes and item.name in RATES and self.probes.learning_rate and self.probes.learning_rate.curve:
            plot = drawn(draw_range_test, self.probes.learning_rate, *PLOT)
            shape += [Text("\nLearning-rate range test", "bold"), Text.from_ansi(plot)]
        elif self.probes and item.code.startswith("P") and (curves := loss_curves(self.probes.runs)):
            shape += [Text("\nTraining loss by step", "bold"), Text.from_ansi(drawn(draw_losses, curves, *PLOT))]
        return shape


class Details(VerticalScroll):
    """One finding, or one check without a finding."""

    DEFAULT_CSS = """
    Details { padding: 0 2; }
    Details > Static { height: auto; }
    Details > ContactSheet { margin: 1 0 0 0; }
    """

    def __init__(self, evidence: Shown) -> None:
        super().__init__()
        self._evidence = evidence
        self._checks = load_checks()  # once: the cursor moves faster than packages are searched
        self._pictured: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        """The text and the check's documentation; pictures come between them."""
        yield Static(id="text")
        yield Static(id="why")

    def show(self, item: Item) -> None:
        """Show another finding or check, from its top."""
        check = self._checks[item.code]
        if isinstance(item, Finding):
            head = Group(finding_line(item), Text(), finding_details(item), *self._evidence.below(item))
        else:
            why = f": {item.why}" if item.why else ""
            head = Group(Text(f"{item.code} {item.name}", "bold"), Text(f"{item.state}{printable(why)}"))
        self.query_one("#text", Static).update(head)
        self._show_pictures(item)
        self.query_one("#why", Static).update(Text("\n" + explanation(check), "dim"))
        self.scroll_home(animate=False)

    def _show_pictures(self, item: Item) -> None:
        named = pictured(item, self._evidence.pictures) if isinstance(item, Finding) else []
        if named == self._pictured:
            return
        self._pictured = named
        self.query(ContactSheet).remove()
        if named:
            self.mount(ContactSheet(named), after="#text")


class DetailScreen(ModalScreen[str | None]):
    """Details over the whole screen, where there is no room beside the list; the action that was asked for there."""

    DEFAULT_CSS = "DetailScreen Details { background: $surface; border: round $primary; }"
    BINDINGS = [  # noqa: RUF012  textual's own form
        Binding("escape,q,enter", "dismiss(None)", "Back", id="detail.back"),
        Binding("v", "dismiss('verify')", "Verify the fix", id="detail.verify"),
        Binding("a", "dismiss('apply')", "Apply the fix", id="detail.apply"),
    ]
    HELP = "One finding: its evidence, its fix, and why it matters. v verifies the fix, a applies it, Escape goes back."

    def __init__(self, item: Item, evidence: Shown) -> None:
        super().__init__()
        self._item, self._evidence = item, evidence

    def compose(self) -> ComposeResult:
        """The details over the whole screen."""
        yield Details(self._evidence)

    def on_mount(self) -> None:
        """Show the finding and focus it, so that arrow keys scroll it."""
        details = self.query_one(Details)
        details.show(self._item)
        details.focus()


class FindingsPane(Horizontal):
    """The Findings tab: the list, and the details of the selected item beside it."""

    DEFAULT_CSS = """
    FindingsPane {
        #list { width: 50; height: 100%; }
        #view { height: 1; color: $text-muted; padding: 0 1; }
        Input { display: none; }
        Input.-open { display: block; }
        OptionList { height: 1fr; border: none; text-wrap: nowrap; text-overflow: ellipsis; padding: 0; }
        OptionList:focus { border: none; }
        Details { width: 1fr; height: 100%; border-left: solid $primary-background; }
    }
    """

    BINDINGS = [  # noqa: RUF012  textual's own form
        Binding("v", "ask('verify')", "Verify", id="findings.verify"),
        Binding("a", "ask('apply')", "Apply", id="findings.apply"),
        Binding("slash", "search", "Search", key_display="/", id="findings.search"),
        Binding("f", "next('filter')", "Filter", id="findings.filter"),
        Binding("g", "next('group')", "Group", show=False, id="findings.group"),
        Binding("t", "next('order')", "Sort", show=False, id="findings.sort"),
        Binding("j", "move('down')", "Down", show=False, id="findings.down"),
        Binding("k", "move('up')", "Up", show=False, id="findings.up"),
        Binding("escape", "clear", "Clear the search", show=False, id="findings.clear"),
    ]

    class Asked(Message):
        """Something is to be done about a finding: "verify" or "apply"."""

        def __init__(self, what: str, finding: Finding) -> None:
            super().__init__()
            self.what, self.finding = what, finding

    def __init__(self) -> None:
        super().__init__()
        self._found: list[Finding] = []  # before the diagnosis is there
        self._data: Dataset | None = None
        self._items: list[Item] = []
        self._listed: list[Item | None] = []  # as in the list; None for a heading
        self._view = View()
        self.evidence = Shown()

    def compose(self) -> ComposeResult:
        """The list with its search field, and the details."""
        with Vertical(id="list"):
            yield Static(id="view", markup=False)
            yield Input(placeholder="words of a code, a name or a summary", compact=True)
            yield OptionList(Option("Findings come when the evidence is in.", disabled=True))
        yield Details(self.evidence)

    # ------------------------------------------------------------------ what is listed

    def picture(self, data: Dataset) -> None:
        """Takes the pictures that findings may name."""
        self._data = data
        self.evidence.pictures = data.pictures

    def add(self, finding: Finding) -> None:
        """List a finding that came in before the diagnosis."""
        self._found.append(finding)
        self._items = [*in_order(self._found, model.Evidence(self._data))]
        self._fill()

    def clear(self) -> None:
        """Forget the findings of the last run; the list changes with the next one that comes."""
        self._found, self._items = [], []

    def show(self, diagnosis: Diagnosis) -> None:
        """Findings, and every check that passed or was not examined: silence would look like success."""
        self.evidence.probes = diagnosis.evidence.measured
        self._items = [*diagnosis.findings, *(result for result in diagnosis.results if result.state != "failed")]
        self._fill()

    def offer(self, made: Mapping[str, tuple[Edit, ...] | str]) -> None:
        """Takes the patches of the findings that have one."""
        self.evidence.edits = made
        if (item := self.current) is not None:
            self.query_one(Details).show(item)

    @property
    def current(self) -> Item | None:
        """The finding or check under the cursor; None on a heading or in an empty list."""
        place = self.query_one(OptionList).highlighted
        return self._listed[place] if place is not None and place < len(self._listed) else None

    def _fill(self) -> None:
        before = self.current
        listed = self.query_one(OptionList)
        listed.clear_options()
        self._listed = []
        rows = []
        for heading, items in self._view.arranged(self._items):
            if heading:
                self._listed.append(None)
                rows.append(Option(Text(f"── {heading} ({len(items)})", "bold"), disabled=True))
            self._listed += items
            rows += [Option(_row(item, self._view.folds)) for item in items]
        listed.add_options(rows or [Option("Nothing here; f shows more, Escape clears the search.", disabled=True)])
        kept = [place for place, item in enumerate(self._listed) if item is not None]
        if kept:
            listed.highlighted = next((place for place in kept if self._listed[place] is before), kept[0])
            if listed.highlighted == kept[0]:
                # Its lines are laid out only once it is seen, and what was scrolled to by then was somewhere else.
                self.call_after_refresh(listed.scroll_home, animate=False)
        view = self._view
        told = [f"{len(kept)} of {len(self._items)}", *([view.filter] if view.filter != "everything" else [])]
        told += [f"by {view.order}", *([f"grouped by {view.group}"] if view.group != "none" else [])]
        told += [f'"{view.search}"'] if view.search else []
        self.query_one("#view", Static).update(" · ".join(told) if self._items else "")

    # ------------------------------------------------------------------ keys and the mouse

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the details of the item under the cursor."""
        if (item := self.current) is not None:
            self.query_one(Details).show(item)
        self.refresh_bindings()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open the details as a screen where there is no room beside the list."""
        item = self.current
        if item is not None and not self.query_one(Details).display:

            def asked(what: str | None) -> None:
                if what:
                    self.action_ask(what)

            self.app.push_screen(DetailScreen(item, self.evidence), asked)

    def action_ask(self, what: str) -> None:
        """Post Asked where the finding has a change to verify or apply, or say why not. what: "verify" or "apply"."""
        item = self.current
        if isinstance(item, Finding) and (item.changes or (item.rewrites and what == "apply")):
            self.post_message(self.Asked(what, item))
        elif isinstance(item, Finding) and item.rewrites:
            self.notify("Short probes cannot resolve this change: a shows it and applies it.", markup=False)
        else:
            self.notify("Nothing here can be changed for you: the fix says what to do.", markup=False)

    def action_search(self) -> None:
        """Open the search field."""
        field = self.query_one(Input)
        field.add_class("-open")
        field.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """List what contains the words typed so far."""
        self._view = replace(self._view, search=event.value)
        self._fill()

    def on_input_submitted(self) -> None:
        """Go from the search field back to the list."""
        self.query_one(OptionList).focus()

    def action_clear(self) -> None:
        """Clear and close the search field."""
        field = self.query_one(Input)
        field.value = ""
        field.remove_class("-open")
        self.query_one(OptionList).focus()

    def action_next(self, what: str) -> None:
        """Switch to the next filter, grouping or sort order; what: "filter", "group" or "order"."""
        words: dict[str, tuple[str, ...]] = {"filter": (*FILTERS,), "group": (*GROUPS,), "order": (*ORDERS,)}
        self._view = replace(self._view, **{what: after(getattr(self._view, what), words[what])})
        self._fill()

    def action_move(self, way: str) -> None:
        """Move the cursor of the list; way: "up" or "down"."""
        getattr(self.query_one(OptionList), f"action_cursor_{way}")()


def _row(item: Item, folds: bool) -> Text:
    if isinstance(item, Finding):
        mark = f"{MARKS[item.severity]} {item.code} "
        lead = "  └ " if folds and item.because_of else ""
        return Text.assemble(lead, (mark, COLOURS[item.severity]), item.name, (f"  {item.severity.value}", "dim"))
    return Text(f"{STATES[item.state]} {item.code} {item.name}  {item.state}", "dim")
