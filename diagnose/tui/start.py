"""The start: a recent project or a sample at one key, or a path typed, pasted or picked from the tree."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.screen import Screen
from textual.widgets import DirectoryTree, Footer, Input, Label, OptionList
from textual.widgets.option_list import Option

from diagnose.config.read import ENDINGS
from diagnose.dataset.sources.find import FILES
from diagnose.engine import Request
from diagnose.history import latest, runs
from diagnose.model import printable
from diagnose.samples import samples

RECENT = 5  # projects


class FolderTree(DirectoryTree):
    """Folders, and the files that hold images or can be a configuration."""

    def filter_paths(self, paths: Iterable[Path]) -> Iterable[Path]:
        """The folders and usable files among `paths`, without hidden ones."""
        for path in paths:
            if path.name.startswith("."):
                continue
            try:
                if path.is_dir() or path.suffix.lower() in (*ENDINGS, *FILES):
                    yield path
            except OSError:
                continue  # a name that may not even be asked about is nothing to choose


@dataclass(frozen=True)
class Project:
    """Something that one key opens."""

    label: Text
    data: str | None
    config: str | None


def projects() -> list[Project]:
    """What was cut short, then the recent projects, then the samples."""
    recent = sorted(latest(runs()), key=lambda run: not run.cut_short)[:RECENT]
    found = []
    for run in recent:
        names = " + ".join(printable(Path(part).name) for part in run.project if part)
        word = "resume" if run.cut_short else "recent"
        told = printable(run.verdict)
        found.append(Project(Text.assemble((f"{word}  ", "bold"), names, (f"  {told}", "dim")), *run.project))
    for about, images, config in samples():
        label = Text.assemble(("sample  ", "bold"), config.stem, (f"  {about}", "dim"))
        found.append(Project(label, str(images), str(config)))
    return found


class StartScreen(Screen[None]):
    """A list of projects; below it two fields and a tree that fills them."""

    DEFAULT_CSS = """
    StartScreen {
        #title { width: 100%; padding: 0 2; text-style: bold; background: $panel; }
        #projects { height: auto; max-height: 40%; margin: 0 2; border: none; }
        #projects:focus { border: none; }
        #projects { text-wrap: nowrap; text-overflow: ellipsis; }
        #fields { height: auto; padding: 1 3 0 3; }
        #hint { color: $text-muted; padding: 0 3; }
        FolderTree { margin: 0 2; height: 1fr; }
    }
    """

    BINDINGS = [  # noqa: RUF012  textual's own form
        Binding("ctrl+s", "start", "Start", id="start.start"),
        Binding("backspace", "up", "Parent folder", id="start.up"),
        Binding("h", "app.past", "Earlier runs", id="start.past"),
        Binding("j", "move('down')", "Down", show=False, id="start.down"),
        Binding("k", "move('up')", "Up", show=False, id="start.up.row"),
    ]
    HELP = """\
Enter on a line of the list opens it: **resume** continues where a run was cut short (finished probes are kept),
**recent** examines a project again, **sample** shows what a fault looks like. Tab moves on to the fields and the tree.

Choose your images: a folder (`root/class/*` or `root/train|val|test/class/*`), a manifest or an archive. A training
program (.py, .ipynb) or a configuration (.yaml, .toml, .json) is optional; without one the data and the worth of
pretrained weights are examined, and a program can be examined without images. A program is read, never run.

Enter opens a folder and takes it as the images, or takes a file as what it is. Ctrl+S starts.
"""

    class Chosen(Message):
        """What the person chose."""

        def __init__(self, data: str | None, config: str | None) -> None:
            super().__init__()
            self.data, self.config = data, config

    def __init__(self, request: Request) -> None:
        super().__init__()
        self._request = request
        self._projects = projects()

    def compose(self) -> ComposeResult:
        """The projects, the two fields and the tree."""
        yield Label("diagnose   why does my image classifier train badly?", id="title")
        yield OptionList(*(Option(project.label) for project in self._projects), id="projects")
        with Vertical(id="fields"):
            yield Label("Images")
            yield Input(
                self._shown(self._request.data),
                placeholder="a folder, a manifest or an archive",
                id="data",
                compact=True,
            )
            yield Label("Training program or configuration (optional)")
            config = self._request.config
            yield Input(
                str(config) if config else "",
                placeholder="a training program or a configuration file",
                id="config",
                compact=True,
            )
        yield Label("Enter takes a folder or file below; Ctrl+S starts.", id="hint")
        yield FolderTree(self._beginning())
        yield Footer()

    def on_mount(self) -> None:
        """Focus the projects; the tree where there are none or a configuration is given."""
        listed = self.query_one("#projects", OptionList)
        listed.display = bool(self._projects)
        (listed if self._projects and self._request.config is None else self.query_one(FolderTree)).focus()

    def on_screen_resume(self) -> None:
        """Back from a run: the list knows it."""
        self._projects = projects()
        listed = self.query_one("#projects", OptionList)
        listed.clear_options()
        listed.add_options([Option(project.label) for project in self._projects])
        listed.highlighted = 0 if self._projects else None
        listed.display = bool(self._projects)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Post the project that was selected."""
        project = self._projects[event.option_index]
        self.post_message(self.Chosen(project.data, project.config))

    def _beginning(self) -> Path:
        data = self._request.data
        return Path(data if data is not None and Path(data).is_dir() else Path.cwd()).absolute()

    @staticmethod
    def _shown(data: Path | str | None) -> str:
        return "" if data is None or str(data) == "." else str(data)

    def on_directory_tree_directory_selected(self, event: DirectoryTree.DirectorySelected) -> None:
        """Take the folder as the images."""
        self.query_one("#data", Input).value = str(event.path)

    def on_directory_tree_file_selected(self, event: DirectoryTree.FileSelected) -> None:
        """Take the file as the images or as the configuration, by its ending."""
        field = "#data" if event.path.suffix.lower() in FILES else "#config"
        self.query_one(field, Input).value = str(event.path)

    def on_input_submitted(self) -> None:
        """Start, as Ctrl+S does."""
        self.action_start()

    def action_start(self) -> None:
        """Post what the two fields hold; ask for either where both are empty."""
        data, config = (self.query_one(f"#{name}", Input).value.strip() for name in ("data", "config"))
        if not data and not config:
            self.notify("Choose the folder that holds your images, or a training program.", severity="warning")
            return
        self.post_message(self.Chosen(os.path.expanduser(data) or None, os.path.expanduser(config) or None))

    def action_up(self) -> None:
        """Show the parent folder in the tree."""
        tree = self.query_one(FolderTree)
        tree.path = Path(tree.path).absolute().parent

    def action_move(self, way: str) -> None:
        """Move the cursor of the list or tree that has the keyboard; way: "up" or "down"."""
        for listed in (self.query_one(FolderTree), self.query_one("#projects", OptionList)):
            if listed.has_focus:
                getattr(listed, f"action_cursor_{way}")()
