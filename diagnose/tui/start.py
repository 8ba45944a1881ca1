"""The start: what is in this folder, a recent project or a sample at one key; or paths and settings of one's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.screen import Screen
from textual.widgets import DirectoryTree, Footer, Input, Label, OptionList
from textual.widgets.option_list import Option

from diagnose.config.read import ENDINGS
from diagnose.dataset.sources.find import FILES
from diagnose.history import latest, runs
from diagnose.model import printable
from diagnose.preview import Here
from diagnose.request import Request
from diagnose.samples import samples
from diagnose.tui.form import Form
from diagnose.tui.looking import looked_at

RECENT = 5  # projects
LOOKING = "looking at this folder …"  # until it is known what stands here


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


def projects(here: Here | None, looking: bool) -> list[Project]:
    """What stands in this folder, what was cut short, then the recent projects, then the samples. looking: whether it
    isn't known yet what stands here; its line is there from the start, so that none moves."""
    recent = sorted(latest(runs()), key=lambda run: not run.cut_short)[:RECENT]
    found = []
    if here is not None:
        found.append(Project(Text.assemble(("here    ", "bold"), here.text), here.data, here.config))
    elif looking:
        found.append(Project(Text.assemble(("here    ", "bold"), (LOOKING, "dim")), None, None))
    for run in recent:
        names = " + ".join(printable(Path(part).name) for part in run.project if part)
        word = "resume" if run.cut_short else "recent"
        verdict = (f"  {printable(run.verdict)}", "dim")
        found.append(Project(Text.assemble((f"{word}  ", "bold"), names, verdict), *run.project))
    for about, images, config in samples():
        label = Text.assemble(("sample  ", "bold"), config.stem, (f"  {about.removeprefix('Sick: ')}", "dim"))
        found.append(Project(label, str(images), str(config)))
    return found


class StartScreen(Screen[None]):
    """A list of projects; below it the fields of a request, and a tree that fills them."""

    DEFAULT_CSS = """
    StartScreen {
        #title { width: 100%; padding: 0 1; text-style: bold; background: $panel; }
        #projects { height: auto; max-height: 40%; padding: 0; background: $background; }
        #projects { text-wrap: nowrap; text-overflow: ellipsis; }
        #form { height: auto; }
        FolderTree { height: 1fr; background: $background; }
    }
    """

    BINDINGS = [  # noqa: RUF012  textual's own form
        Binding("ctrl+s", "start", "Start", id="start.start", tooltip="Start with these fields"),
        Binding("backspace", "up", "Parent folder", id="start.up", tooltip="Show the parent folder"),
        Binding("h", "app.past", "Earlier runs", id="start.past", tooltip="Earlier runs"),
        Binding("j", "move('down')", "Down", show=False, id="start.down"),
        Binding("k", "move('up')", "Up", show=False, id="start.up.row"),
    ]
    HELP = """\
Enter on a line of the list opens it: **here** is what stands in this folder, **resume** continues where a run was cut
short (finished probes are kept), **recent** examines a project again, **sample** shows what a fault looks like. Tab
moves on to the fields and the tree.

Choose your images: a folder (`root/class/*` or `root/train|val|test/class/*`), a manifest or an archive; below the
field stands what it would be read as. A training program (.py, .ipynb) or a configuration (.yaml, .toml, .json) is
optional, and a program can be examined without images. A program is read, never run. While a path is typed, Right
completes it. Enter in the tree takes a folder as the images, or a file as what it is. Ctrl+S starts.
"""

    class Chosen(Message):
        """What the person chose."""

        def __init__(self, request: Request) -> None:
            super().__init__()
            self.request = request

    class Seen(Message):
        """What stands in the current folder; None where it is nothing to examine."""

        def __init__(self, here: Here | None) -> None:
            super().__init__()
            self.here = here

    def __init__(self, request: Request) -> None:
        super().__init__()
        self._request = request
        self._here: Here | None = None
        self._looking, self._wanted = True, False  # whether what stands here is still looked at, and already chosen
        self._projects = projects(None, looking=True)

    def compose(self) -> ComposeResult:
        """The projects, the two fields and the tree."""
        yield Label("diagnose   why does my image classifier train badly?", id="title")
        yield OptionList(*(Option(project.label) for project in self._projects), id="projects", classes="pane")
        yield Form(self._request, id="form", classes="pane")
        yield FolderTree(self._beginning(), classes="pane")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Focus the projects; the tree where there are none or a configuration is given. Look at this folder."""
        self.query_one(FolderTree).border_title = "Files"
        self.query_one("#projects").border_title = "Projects"
        self.query_one("#projects").border_subtitle = "Enter opens"
        self.run_worker(self._look_here(), exit_on_error=False)
        listed = self.query_one("#projects", OptionList)
        listed.display = bool(self._projects)
        (listed if self._projects and self._request.config is None else self.query_one(FolderTree)).focus()

    async def _look_here(self) -> None:
        found = await looked_at("here", str(Path.cwd()))
        self.post_message(self.Seen(None if found is None else Here(**found)))

    def on_start_screen_seen(self, message: Seen) -> None:
        """Put what stands here into its line, or take the line away; start it where it was chosen already."""
        self._here, self._looking = message.here, False
        place = self.query_one("#projects", OptionList).highlighted or 0
        self._list(place if message.here else max(0, place - 1))
        if self._wanted and message.here is not None:
            self._choose(self._projects[0])
        elif self._wanted:
            self.notify(
                "This folder holds no images and no training program that could be found.", title="Nothing here"
            )
        self._wanted = False

    def on_screen_resume(self) -> None:
        """Back from a run: the list knows it."""
        self._list(0)

    def _list(self, place: int) -> None:
        """Fill the list of projects and put the cursor on this line."""
        self._projects = projects(self._here, self._looking)
        listed = self.query_one("#projects", OptionList)
        listed.clear_options()
        listed.add_options([Option(project.label) for project in self._projects])
        listed.highlighted = min(place, len(self._projects) - 1) if self._projects else None
        listed.display = bool(self._projects)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Post the project that was selected; what stands here, as soon as it is known."""
        if self._looking and event.option_index == 0:
            self._wanted = True
        else:
            self._choose(self._projects[event.option_index])

    def _choose(self, project: Project) -> None:
        request = replace(self._request, data=project.data, config=project.config)
        self.post_message(self.Chosen(request))

    def _beginning(self) -> Path:
        data = self._request.data
        return Path(data if data is not None and Path(data).is_dir() else Path.cwd()).absolute()

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
        """Post the request of the fields; where one of them is wrong, say which and why, there."""
        request = self.query_one(Form).request()
        if request is not None:
            self.post_message(self.Chosen(request))

    def refuse(self, why: str) -> None:
        """Say why the run that was asked for could not start."""
        self.query_one(Form).refuse(why)

    def action_up(self) -> None:
        """Show the parent folder in the tree."""
        tree = self.query_one(FolderTree)
        tree.path = Path(tree.path).absolute().parent

    def action_move(self, way: str) -> None:
        """Move the cursor of the list or tree that has the keyboard; way: "up" or "down"."""
        for listed in (self.query_one(FolderTree), self.query_one("#projects", OptionList)):
            if listed.has_focus:
                getattr(listed, f"action_cursor_{way}")()
