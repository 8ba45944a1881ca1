"""The fields of a request: images, program, what to compare with, time, device and probes; each says what is wrong."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Checkbox, Input, Label, Static

from diagnose.config.read import path_of
from diagnose.model import InputError, printable
from diagnose.preview import Preview
from diagnose.request import DEVICES, Request, seconds
from diagnose.tui.looking import looked_at
from diagnose.tui.paths import PathSuggester

PATHS = {
    "data": ("Images", "a folder, a manifest or an archive"),
    "config": ("Program", "a training program or a configuration (optional)"),
    "against": ("Compare with", "another program or configuration (optional)"),
}
PATIENCE = 0.3  # seconds without a key before a path is looked at


UNSEEN = Preview("It takes longer to look through: the run reads it.", True)


class Wrong(Exception):
    """A field holds something that cannot be."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field, self.why = field, why


class Form(Vertical):
    """One line a field. The line below the first says what the images would be read as."""

    DEFAULT_CSS = """
    Form {
        Horizontal { height: 1; }
        Label { width: 14; padding: 0 1 0 0; color: $text-muted; }
        Input { width: 1fr; }
        Input.-wrong { background: $error 30%; }
        #read-as { height: 1; padding: 0 0 0 14; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        #read-as.-wrong { color: $text-error; }
        #budget { width: 10; }
        #device { width: 8; }
        .short { width: auto; padding: 0 1 0 3; }
        Checkbox { width: auto; padding: 0 0 0 2; background: $background; }
    }
    """

    class Looked(Message):
        """What the images of this path would be read as."""

        def __init__(self, path: str, preview: Preview) -> None:
            super().__init__()
            self.path, self.preview = path, preview

    def __init__(self, request: Request, id: str, classes: str) -> None:
        super().__init__(id=id, classes=classes)
        self._request = request

    def compose(self) -> ComposeResult:
        """The paths, then time, device and probes in one line."""
        data = "" if self._request.data is None or str(self._request.data) == "." else str(self._request.data)
        given = {"data": data, "config": str(self._request.config or ""), "against": str(self._request.against or "")}
        for name, (label, hint) in PATHS.items():
            with Horizontal():
                yield Label(label)
                yield Input(given[name], placeholder=hint, id=name, compact=True, suggester=PathSuggester())
            if name == "data":
                yield Static(id="read-as", markup=False)
        with Horizontal():
            yield Label("Time")
            yield Input(_time(self._request.budget), id="budget", compact=True)
            yield Label("Device", classes="short")
            yield Input(self._request.device, id="device", compact=True)
            yield Checkbox("Probes", self._request.probes, id="probes", compact=True)

    def on_mount(self) -> None:
        """Title the form."""
        self.border_title = "Images and program of your own"
        self.border_subtitle = "Ctrl+S starts"

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look at the images once nothing is typed any more."""
        event.input.remove_class("-wrong")
        if event.input.id == "data":
            self._show("", False)
            self.set_timer(PATIENCE, lambda: self._look(event.value))

    def _look(self, path: str) -> None:
        if path != self.query_one("#data", Input).value or not path.strip():
            return

        async def work() -> None:
            found = await looked_at("preview", os.path.expanduser(path.strip()))
            self.post_message(self.Looked(path, Preview(**found) if found else UNSEEN))

        self.run_worker(work(), exit_on_error=False, exclusive=True)

    def on_form_looked(self, message: Looked) -> None:
        """Show what the images would be read as, if the path is still there."""
        if message.path == self.query_one("#data", Input).value:
            self._show(message.preview.text, not message.preview.readable)

    def _show(self, text: str, wrong: bool) -> None:
        self.query_one("#read-as", Static).update(text)
        self.query_one("#read-as").set_class(wrong, "-wrong")

    def request(self) -> Request | None:
        """The request of the fields; None where one is wrong, which is then marked, focused and explained."""
        try:
            return self._request_of({name: self._typed(name) for name in PATHS})
        except Wrong as wrong:
            self._refuse(wrong.field, wrong.why)
            return None

    def _typed(self, name: str) -> str:
        return os.path.expanduser(self.query_one(f"#{name}", Input).value.strip())

    def _request_of(self, typed: dict[str, str]) -> Request:
        """Raises Wrong."""
        if not typed["data"] and not typed["config"]:
            raise Wrong("data", "Choose the folder that holds your images, or a training program.")
        for name in ("config", "against"):
            _check_path(name, typed[name])
        if typed["against"] and not typed["config"]:
            raise Wrong("config", "To compare, give the program that is compared, too.")
        try:
            budget = seconds(self._typed("budget"))
        except InputError as fault:
            raise Wrong("budget", str(fault).replace("--budget", "Time")) from None
        if (device := self._typed("device")) not in DEVICES:
            raise Wrong("device", f"Device {device}: give one of {', '.join(DEVICES)}.")
        data, config, against = (typed[name] or None for name in PATHS)
        probes = self.query_one("#probes", Checkbox).value
        return replace(
            self._request, data=data, config=config, against=against, budget=budget, device=device, probes=probes
        )

    def refuse(self, why: str) -> None:
        """Say why a run with these fields could not start: at the field that is at fault, as far as that is known."""
        names = [name for name in PATHS if (value := self.query_one(f"#{name}", Input).value) and _named(value, why)]
        self._refuse(names[0] if names else "data", why)

    def _refuse(self, name: str, why: str) -> None:
        field = self.query_one(f"#{name}", Input)
        field.add_class("-wrong")
        field.focus()
        self._show(printable(why), True)
        self.notify(printable(why), title="Cannot start", severity="error", timeout=20, markup=False)


def _check_path(name: str, given: str) -> None:
    """Raises Wrong where a program is named that is not there."""
    try:
        path = path_of(given) if given else None
    except InputError as fault:
        raise Wrong(name, str(fault)) from None
    if path is not None and not path.exists():
        raise Wrong(name, f"{path} does not exist: give a training program or a configuration file.")


def _named(value: str, why: str) -> bool:
    """Whether a refusal is about what stands in a field."""
    return bool(value.strip()) and Path(value.split()[0]).name in why


def _time(budget: float) -> str:
    return f"{budget / 60:g}m" if budget % 30 == 0 else f"{budget:g}s"
