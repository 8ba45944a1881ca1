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
from diagnose.model import Dataset, Diagnosis, Finding, Probes, in_order, printable
from diagnose.registry import explanation, load_checks
from diagnose.report.curves import draw_losses, draw_range_test, drawn, legend, loss_curves
from diagnose.report.dataset import pictured
from diagnose.report.text import COLOURS, MARKS, finding_details
from diagnose.tui.apply import diff_of
from diagnose.tui.arrange import FILTERS, GROUPS, ORDERS, STATES, Item, View, after
from diagnose.tui.contact_sheet import ContactSheet
from diagnose.tui.patching import Made
from diagnose.tui.titles import short_place

PLOT = (64, 12)  # columns and rows
FIXES, FOR_ALL = ("verify", "apply"), ("apply all", "undo")
RATES = ("learning-rate-too-high", "learning-rate-too-low")


class Shown:
    """What details can show beside the finding itself."""

    def __init__(self) -> None:
        self.pictures: Mapping[str, str] = {}
        self.probes: Probes | None = None
        self.edits: Made = {}
        self.fixed: frozenset[str] = frozenset()  # fingerprints of what the files no longer have

    def below(self, item: Finding) -> list[RenderableType]:
        """The fix as a diff and the plot: whichever there are."""
        shape: list[RenderableType] = []
        made = self.edits.get(item.fingerprint)
        if item.fingerprint in self.fixed:
            shape.append(Text("\nFixed in the files since this run: r runs it again, u undoes the change.", "green"))
        elif isinstance(made, str):
            shape.append(Text(f"\nNo patch: {printable(made)}.", "dim"))
        elif made:
            keys = "v verifies this change by paired probes, a applies it" if item.changes else "a applies this change"
            shape += [Text(f"\n{keys}:"), *map(diff_of, made)]
        if self.probes and item.name in RATES and self.probes.learning_rate and self.probes.learning_rate.curve:
            plot = drawn(draw_range_test, self.probes.learning_rate, *PLOT)
            shape += [Text("\nLearning-rate range test", "bold"), Text.from_ansi(plot)]
        elif self.probes and item.code.startswith("P") and (curves := loss_curves(self.probes.runs)):
            shape += [Text("\nTraining loss by step", "bold"), legend(curves)]
            shape.append(Text.from_ansi(drawn(draw_losses, curves, *PLOT)))
        return shape


class Details(VerticalScroll):
    """One finding, or one check without a finding."""

    DEFAULT_CSS = """
    Details { padding: 0 1; }
    Details > Static { height: auto; }
    Details > ContactSheet { margin: 1 0 0 0; }
    """

    def __init__(self, evidence: Shown) -> None:
        super().__init__()
        self._evidence = evidence
        self._checks = load_checks()  # once: the cursor moves faster than packages are searched
        self._pictured: list[tuple[str, str]] = []
        self.add_class("pane")

    def compose(self) -> ComposeResult:
        """The text and the check's documentation; pictures come between them."""
        yield Static(id="text")
        yield Static(id="why")

    def show(self, item: Item) -> None:
        """Show another finding or check, from its top."""
        check = self._checks[item.code]
        self.border_title = f"{item.code} {item.name}"
        if isinstance(item, Finding):
            head = Group(headline(item), Text(), finding_details(item), *self._evidence.below(item))
        else:
            why = f": {item.why}" if item.why else ""
            head = Group(
                Text(f"{STATES[item.state]} {item.state}{printable(why)}", "bold"), Text("It looks for:", "dim")
            )
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
        #list { width: 2fr; min-width: 46; max-width: 90; height: 100%; }
        #view { height: 1; color: $text-muted; padding: 0 1; }
        Input { display: none; }
        Input.-open { display: block; }
        OptionList { height: 1fr; border: none; padding: 0; background: $background; }
        OptionList { text-wrap: nowrap; text-overflow: ellipsis; }
        OptionList:focus { border: none; }
        Details { width: 3fr; height: 100%; }
    }
    """

    BINDINGS = [  # noqa: RUF012  textual's own form
        Binding(
            "v",
            "ask('verify')",
            "Verify",
            id="findings.verify",
            tooltip="Verify the fix of this finding by paired probes",
        ),
        Binding(
            "a", "ask('apply')", "Apply", id="findings.apply", tooltip="Apply the fix of this finding, after showing it"
        ),
        Binding(
            "A",
            "ask('apply all')",
            "All",
            key_display="A",
            id="findings.apply.all",
            tooltip="Apply every fix that can be written",
        ),
        Binding(
            "u", "ask('undo')", "Undo", show=False, id="findings.undo", tooltip="Undo the last change of the files"
        ),
        Binding("e", "ask('edit')", "Edit", id="findings.edit", tooltip="Open the line of this finding in the editor"),
        Binding(
            "y", "ask('copy')", "Copy path", show=False, id="findings.copy", tooltip="Copy the path of this finding"
        ),
        Binding(
            "i",
            "ask('picture')",
            "Open picture",
            show=False,
            id="findings.picture",
            tooltip="Open the first image of this finding",
        ),
        Binding(
            "slash",
            "search",
            "Search",
            key_display="/",
            show=False,
            id="findings.search",
            tooltip="Search the findings",
        ),
        Binding("f", "next('filter')", "Filter", id="findings.filter", tooltip="Show the next kind of checks"),
        Binding("g", "next('group')", "Group", show=False, id="findings.group", tooltip="Group the findings"),
        Binding("t", "next('order')", "Sort", show=False, id="findings.sort", tooltip="Sort the findings"),
        Binding("j", "move('down')", "Down", show=False, id="findings.down"),
        Binding("k", "move('up')", "Up", show=False, id="findings.up"),
        Binding("escape", "clear", "Clear the search", show=False, id="findings.clear"),
    ]

    class Asked(Message):
        """Something is to be done about a finding: "verify", "apply", "edit", "copy" or "picture"; or about all of
        them, whichever is under the cursor: "apply all" or "undo"."""

        def __init__(self, what: str, finding: Finding | None) -> None:
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
        with Vertical(id="list", classes="pane"):
            yield Input(placeholder="words of a code, a name or a summary", compact=True)
            yield OptionList(Option("Findings appear here as soon as there is evidence.", disabled=True))
        yield Details(self.evidence)

    def on_mount(self) -> None:
        """Title the list."""
        self.query_one("#list").border_title = "Findings"

    # ------------------------------------------------------------------ what is listed

    def picture(self, data: Dataset) -> None:
        """Takes the pictures that findings may name."""
        self._data = data
        self.evidence.pictures = data.pictures

    @property
    def found(self) -> list[Finding]:
        """The findings so far, in their order."""
        return [item for item in self._items if isinstance(item, Finding)]

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

    def offer(self, made: Made, fixed: frozenset[str]) -> None:
        """Takes the patches of the findings that have one, and which findings have been fixed since the run."""
        self.evidence.edits, self.evidence.fixed = made, fixed
        self._fill()
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
            rows += [Option(row_of(item, self._view.folds, self._is_fixed(item))) for item in items]
        listed.add_options(rows or [Option(self._nothing(), disabled=True)])
        kept = [place for place, item in enumerate(self._listed) if item is not None]
        if kept:
            listed.highlighted = next((place for place in kept if self._listed[place] is before), kept[0])
            if listed.highlighted == kept[0]:
                # Its lines are laid out only once it is seen, and what was scrolled to by then was somewhere else.
                self.call_after_refresh(listed.scroll_home, animate=False)
        self._title(len(kept))

    def _is_fixed(self, item: Item) -> bool:
        return isinstance(item, Finding) and item.fingerprint in self.evidence.fixed

    def _nothing(self) -> str:
        if self._view == View() and self._items:
            return "Nothing was found. f shows the checks that passed and those that lacked evidence."
        return "Nothing here; f shows more, Escape clears the search."

    def _title(self, count: int) -> None:
        """How many are listed and how they are looked at, in the border of the list."""
        view, box = self._view, self.query_one("#list")
        if view.filter == "findings":
            box.border_title = f"{count} finding{'' if count == 1 else 's'}"
        else:
            box.border_title = f"{count} of {len(self._items)} checks: {view.filter}"
        parts = [f"by {view.order}", *([f"grouped by {view.group}"] if view.group != "none" else [])]
        parts += [f'"{view.search}"'] if view.search else []
        box.border_subtitle = " · ".join(parts)

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
        """Post Asked, or say why there is nothing to do. what: as Asked has it."""
        item = self.current
        if what in FOR_ALL:
            self.post_message(self.Asked(what, None))
        elif not isinstance(item, Finding):
            self.notify("Choose a finding first.", markup=False)
        elif what not in FIXES or item.changes or (item.rewrites and what == "apply"):
            self.post_message(self.Asked(what, item))
        elif item.rewrites:
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


def row_of(item: Item, folds: bool, fixed: bool = False) -> Text:
    """Two lines of a finding: its mark, code and place, then what it is; one line of a check without one."""
    if not isinstance(item, Finding):
        return Text(f"{STATES[item.state]} {item.code} {item.name}  {item.state}", "dim")
    lead = "  └ " if folds and item.because_of else ""
    place = short_place(item)
    below = " " * (len(lead) + 2) + printable(item.summary)
    if fixed:
        code, where, style = (f"✓ {item.code}", "green"), f"{place or item.name}, fixed since this run", "dim strike"
    else:
        code, where, style = (f"{MARKS[item.severity]} {item.code}", COLOURS[item.severity]), place or item.name, "dim"
    return Text.assemble(lead, code, f"  {where}\n", (below, style))


def headline(item: Finding) -> Text:
    """What is wrong, and the whole place below it."""
    place = f"\n{printable(str(item.location))}" if item.location else ""
    mark = f"{MARKS[item.severity]} {item.severity.value}: "
    return Text.assemble((mark, COLOURS[item.severity]), (printable(item.summary), "bold"), (place, "dim"))
