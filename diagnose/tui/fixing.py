"""What a person does about the findings of a run: apply, apply all, undo, open the file or the picture, copy a path."""

from __future__ import annotations

from pathlib import Path

from textual.message import Message
from textual.screen import Screen

from diagnose.fixes.draft import CannotEdit, Edit
from diagnose.fixes.plan import readable
from diagnose.model import Diagnosis, Finding, InputError, printable
from diagnose.tui.apply import ApplyScreen
from diagnose.tui.editing import edit
from diagnose.tui.patching import Made, Patching


class Fixing:
    """The actions of one run's screen. Files are read in threads, whose answers come as messages to the screen."""

    class Patched(Message):
        """What can be written for the findings now, and what has been fixed since the run."""

        def __init__(self, made: Made, fixed: frozenset[str]) -> None:
            super().__init__()
            self.made, self.fixed = made, fixed

    class All(Message):
        """Every fix that can be written together, and by code why the others are left."""

        def __init__(self, edits: tuple[Edit, ...], left: tuple[str, ...]) -> None:
            super().__init__()
            self.edits, self.left = edits, left

    def __init__(self, screen: Screen[None]) -> None:
        self._screen = screen
        self._data: Path | None = None
        self._config: str | None = None
        self._patching: Patching | None = None

    def begin(self, data: str | Path | None, config: str | None, diagnosis: Diagnosis) -> None:
        """Take the findings of a run that has ended, and make their patches."""
        self._data, self._config = Path(data) if data is not None else None, config
        self._patching = Patching(config, diagnosis) if config is not None else None
        self._read()

    def _read(self) -> None:
        if (patching := self._patching) is None:
            return

        def work() -> None:
            try:
                patching.read()
            except (CannotEdit, InputError):
                return  # the file is gone or no program any more: applying says so
            self._screen.post_message(self.Patched(patching.made, patching.fixed))

        self._screen.run_worker(work, thread=True, exit_on_error=False)

    @property
    def diffs(self) -> dict[str, str]:
        """The patches that can be written now, by the fingerprint of their findings."""
        return readable(self._patching.made) if self._patching else {}

    # ------------------------------------------------------------------ writing

    def apply(self, finding: Finding) -> None:
        """Show the finding's change as a diff, to be written on Enter; say why where there is none."""
        made = self._patching.made.get(finding.fingerprint) if self._patching else None
        if made and not isinstance(made, str):
            self.write(made)
        elif self._patching and finding.fingerprint in self._patching.fixed:
            self._screen.notify("It is fixed already: r runs again, u undoes the change.", markup=False)
        else:
            why = f"{printable(made)}. " if isinstance(made, str) else ""
            advice = f"{why}Change it by hand: {printable(finding.fix)}"
            self._screen.notify(advice, title="No patch", markup=False)

    def apply_all(self) -> None:
        """Make one change of every fix that can be written together; it comes as the message All."""
        if (patching := self._patching) is None:
            self._screen.notify("No program was given, so nothing can be changed.", markup=False)
            return

        def work() -> None:
            try:
                edits, left = patching.all()
            except (CannotEdit, InputError) as fault:
                self._screen.notify(printable(str(fault)), title="Not written", severity="error", markup=False)
            else:
                self._screen.post_message(self.All(edits, tuple(left)))

        self._screen.run_worker(work, thread=True, exit_on_error=False)

    def write(self, edits: tuple[Edit, ...]) -> None:
        """Show edits as diffs, and remember what was written of them."""

        def wrote(backups: tuple[Path, ...] | None) -> None:
            if backups:
                self.wrote(edits, backups)

        self._screen.app.push_screen(ApplyScreen(edits), wrote)

    def wrote(self, edits: tuple[Edit, ...], backups: tuple[Path, ...]) -> None:
        """Remember what was written, to undo it, and make the other patches again on the new text."""
        if self._patching is not None:
            self._patching.wrote(edits, backups)
            self._read()

    def undo(self) -> None:
        """Put back the files that were changed last."""
        try:
            files = self._patching.undo() if self._patching else ()
        except InputError as fault:
            self._screen.notify(printable(str(fault)), title="Not undone", severity="error", markup=False)
            return
        if not files:
            self._screen.notify("Nothing was written here that could be undone.", markup=False)
            return
        names = ", ".join(printable(path.name) for path in files)
        self._screen.notify(f"{names}: as before the last change.", title="Undone", markup=False)
        self._read()

    # ------------------------------------------------------------------ looking

    def _place(self, finding: Finding) -> str | None:
        """The path that a finding is about: of the program, or else of its first image."""
        if finding.location is not None:
            return finding.location.file
        return self._picture(finding)

    def _picture(self, finding: Finding) -> str | None:
        if self._data is None:
            return None
        found = (self._data / name for name in finding.files)
        return next((str(path.absolute()) for path in found if path.is_file()), None)

    def open_editor(self, finding: Finding) -> None:
        """Open the program at the finding's line in the person's editor; then make the patches of what is there now."""
        place = finding.location
        if place is None:
            self._screen.notify("This finding is in no file of the program: i opens its image.", markup=False)
            return
        try:
            edit(self._screen.app, place.file, place.line)
        except InputError as fault:
            self._screen.notify(printable(str(fault)), title="Not opened", severity="error", markup=False)
        else:
            self._read()

    def copy_path(self, finding: Finding) -> None:
        """Copy the path of the program, with the line, or of the finding's first image."""
        path = self._place(finding)
        if path is None:
            self._screen.notify("This finding names no file.", markup=False)
            return
        line = finding.location.line if finding.location else None
        self._screen.app.copy_to_clipboard(f"{path}:{line}" if line else path)
        self._screen.notify(f"{printable(path)} is in the clipboard, where the terminal allows it.", markup=False)

    def open_picture(self, finding: Finding) -> None:
        """Open the finding's first image in the system's viewer."""
        path = self._picture(finding)
        if path is None:
            self._screen.notify("This finding names no image that lies in a folder.", markup=False)
            return
        self._screen.app.open_url(Path(path).as_uri())
        self._screen.notify(printable(path), title="Opened, where there is a viewer", markup=False)
