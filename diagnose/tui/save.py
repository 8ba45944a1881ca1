"""Saving a report: which format, and where."""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from diagnose.model import Diagnosis, InputError, printable
from diagnose.report import ENDINGS, render
from diagnose.report.subject import Subject
from diagnose.tui.paths import PathSuggester

PURPOSES = {
    "html": "one page with pictures, to read or to send",
    "text": "plain text",
    "markdown": "for a pull request or an issue",
    "json": "for scripts",
    "sarif": "for code scanning",
    "junit": "for CI",
}
CHOICES = tuple(PURPOSES)  # formats, in the order of the list
ENDING_OF = {name: ending for ending, name in ENDINGS.items()}
STEM = "diagnose-report"


class SaveScreen(ModalScreen[None]):
    """Writes the report of a diagnosis where the person says."""

    DEFAULT_CSS = """
    SaveScreen { align: center middle; }
    SaveScreen > Vertical {
        width: 76; max-width: 96%; height: auto; border: round $primary; background: $surface; padding: 1 2;
    }
    SaveScreen OptionList { height: auto; border: none; background: $surface; }
    SaveScreen Input { margin: 0 0 1 0; }
    """
    BINDINGS = [  # noqa: RUF012  textual's own form
        Binding("enter", "write", "Write", id="save.write"),
        Binding("escape", "dismiss(None)", "Leave it", id="save.leave"),
    ]
    HELP = "Choose a format with the arrow keys, change the name if you like, and press Enter. Tab goes to the name."

    def __init__(self, diagnosis: Diagnosis, subject: Subject) -> None:
        super().__init__()
        self._diagnosis, self._subject = diagnosis, subject

    def compose(self) -> ComposeResult:
        """The formats, and the name of the file."""
        with Vertical() as box:
            box.border_title = "Save the report"
            box.border_subtitle = "Enter writes it · Tab to the name · Escape leaves it"
            yield OptionList(*(Option(f"{name:9} {why}") for name, why in PURPOSES.items()))
            yield Label(f"in {printable(str(Path.cwd()))}, or where the path says")
            yield Input(f"{STEM}.html", suggester=PathSuggester(), select_on_focus=False)

    def on_mount(self) -> None:
        """Focus the formats."""
        self.query_one(OptionList).focus()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Give the name the ending of the format, as long as it is one of ours."""
        field = self.query_one(Input)
        if Path(field.value).suffix in ENDINGS:
            field.value = str(Path(field.value).with_suffix(ENDING_OF[CHOICES[event.option_index]]))

    def on_option_list_option_selected(self) -> None:
        """Write, as Enter does."""
        self.action_write()

    def on_input_submitted(self) -> None:
        """Write, as Enter does."""
        self.action_write()

    def action_write(self) -> None:
        """Write the report and close; say why where it cannot be written."""
        chosen = CHOICES[self.query_one(OptionList).highlighted or 0]
        path = Path(self.query_one(Input).value.strip() or f"{STEM}{ENDING_OF[chosen]}").expanduser()
        try:
            path.write_text(render(self._diagnosis, chosen, self._subject), encoding="utf-8")
        except (OSError, InputError) as fault:
            why = getattr(fault, "strerror", None) or str(fault)
            self.notify(f"{path}: {printable(why)}", title="Not saved", severity="error", markup=False)
            return
        self.app.notify(printable(str(path.absolute())), title="Saved", markup=False)
        self.dismiss(None)
