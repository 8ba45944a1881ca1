"""Writing a change: the diff first, then the file, with the old one kept beside it."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from diagnose.fixes.draft import Edit
from diagnose.model import InputError, printable

DIFF = {"+": "green", "-": "red", "@": "dim"}  # colours of a line by its first character


class ApplyScreen(ModalScreen[tuple[Path, ...] | None]):
    """Shows what would be written; where the old files are kept once it is, None where it is left."""

    DEFAULT_CSS = """
    ApplyScreen { align: center middle; }
    ApplyScreen > VerticalScroll {
        width: 100; max-width: 96%; height: auto; max-height: 90%;
        border: round $primary; background: $surface; padding: 1 2;
    }
    """
    BINDINGS = [  # noqa: RUF012  textual's own form
        Binding("enter,y", "write", "Write", id="apply.write"),
        Binding("escape,n", "dismiss(None)", "Leave it", id="apply.leave"),
        Binding("c", "copy", "Copy the diff", id="apply.copy"),
    ]
    HELP = "The change as a diff. Enter writes it and keeps the old file beside it; Escape leaves everything as it is."

    def __init__(self, made: tuple[Edit, ...]) -> None:
        super().__init__()
        self._made = made

    def compose(self) -> ComposeResult:
        """The question and one diff per file."""
        with VerticalScroll(can_focus=True):
            yield Static(Text("Write this?  Enter writes and keeps the old file; Escape leaves it; c copies.", "bold"))
            for edit in self._made:
                yield Static(diff_of(edit))

    def on_mount(self) -> None:
        """Focus the diff, so that arrow keys scroll it."""
        self.query_one(VerticalScroll).focus()

    def action_write(self) -> None:
        """Write every file and close; say why where a file cannot be written."""
        try:
            backups = tuple(edit.write() for edit in self._made)
        except InputError as fault:
            self.notify(printable(str(fault)), title="Not written", severity="error", markup=False)
            self.dismiss(None)
            return
        for edit, backup in zip(self._made, backups, strict=True):
            done = f"{edit.path.name} is changed; the old one is {backup.name}. u undoes it, r runs again."
            self.app.notify(printable(done), title="Written", markup=False)
        self.dismiss(backups)

    def action_copy(self) -> None:
        """Copy the diffs to the clipboard."""
        self.app.copy_to_clipboard("".join(edit.diff for edit in self._made))
        self.notify("The diff is in the clipboard, where the terminal allows it.")


def diff_of(edit: Edit) -> Text:
    """The diff in colours; without the path, which may be long."""
    lines = [f"--- {edit.path.name}", *edit.diff.splitlines()[2:]]
    return Text("\n").join(Text(printable(line), DIFF.get(line[:1], "")) for line in lines)
