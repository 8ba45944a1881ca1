"""The Run tab: what the program did in miniature, with the tensors it was given turned back into pictures."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from diagnose.model import Run, printable
from diagnose.report.run import GIVEN, ran_line, run_rows
from diagnose.tui.contact_sheet import ContactSheet

INVITATION = (
    "R runs {program} in miniature: your own code, unchanged, for at most a minute, with few images per batch.\n"
    "What it writes goes to a scratch folder. It shows what reaches the network, which parameters move, and in which "
    "mode."
)
WIDEST = 18  # columns of the names


class MiniaturePane(VerticalScroll, can_focus=True):
    """An invitation until the program was run, then what was seen."""

    DEFAULT_CSS = """
    MiniaturePane {
        padding: 0 1;
        Static { height: auto; padding: 0 1; }
        #run-given { height: auto; margin: 1 0 0 0; }
    }
    """

    def __init__(self, program: str) -> None:
        super().__init__()
        self._program = program
        self._shown: tuple[tuple[str, str], ...] = ()

    def compose(self) -> ComposeResult:
        """The line, the rows and the pictures."""
        yield Static(INVITATION.format(program=self._program), id="run-line", markup=False)
        yield Static(id="run-rows", markup=False)
        yield Vertical(id="run-given")

    def show(self, run: Run) -> None:
        """What was seen so far."""
        self.query_one("#run-line", Static).update(Text(printable(ran_line(run)), "bold"))
        lines = Text()
        for name, text in run_rows(run):
            lines.append(f"{name:{WIDEST}}", "dim")
            lines.append(f"{printable(text)}\n")
        self.query_one("#run-rows", Static).update(lines)
        if run.pictures and run.ended != "running" and run.pictures != self._shown:
            self._shown = run.pictures
            given = self.query_one("#run-given", Vertical)
            given.remove_children()
            given.mount(Static(Text(GIVEN, "dim")), ContactSheet(run.pictures))


class RunItScreen(ModalScreen[bool]):
    """Asks whether the person's program may be run."""

    DEFAULT_CSS = """
    RunItScreen { align: center middle; }
    RunItScreen > Static {
        width: 72; max-width: 96%; height: auto; border: round $primary; background: $surface; padding: 1 2;
    }
    """
    BINDINGS = [  # noqa: RUF012  textual's own form
        Binding("enter,y", "dismiss(True)", "Run it", id="miniature.run"),
        Binding("escape,n", "dismiss(False)", "Leave it", id="miniature.leave"),
    ]
    HELP = "Enter runs your training program in miniature; Escape leaves it."

    def __init__(self, program: str, why: str = "") -> None:
        super().__init__()
        self._program, self._why = program, why

    def compose(self) -> ComposeResult:
        """The question, behind the reason why it is asked, if there is one."""
        question = Text.assemble(
            f"{printable(self._why)}\n\n" if self._why else "",
            (f"Run {printable(self._program)}?  Enter runs it, Escape leaves it.\n\n", "bold"),
            "It executes your own code for at most a minute. What it writes goes to a scratch folder, and no process "
            "is "
            "left behind.",
        )
        yield Static(question)
