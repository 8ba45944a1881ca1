"""What if? Another value for a field of the configuration, to be probed before it is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Select

from diagnose.config.file import BY_HAND
from diagnose.config.file import config_of as understood
from diagnose.config.read import assignment
from diagnose.model import Config, InputError, printable
from diagnose.report.text import setting_shown

# What a short probe can tell apart, the weightiest first.
FIELDS = (
    "learning_rate", "weights", "scaling", "mean", "std", "train_augmentations", "optimizer", "batch_size", "momentum",
    "weight_decay", "schedule", "frozen", "output_activation", "shuffle", "input_size",
)  # fmt: skip


class ChangeScreen(ModalScreen[Mapping[str, Any] | None]):
    """A field and its new value; the change as the configuration would read it, or None."""

    DEFAULT_CSS = """
    ChangeScreen { align: center middle; }
    ChangeScreen > Vertical {
        width: 72; max-width: 96%; height: auto; border: round $primary; background: $surface; padding: 1 2;
    }
    ChangeScreen #wrong { color: $error; height: auto; }
    """
    BINDINGS = [Binding("escape", "dismiss(None)", "Back", id="change.back")]  # noqa: RUF012  textual's own form
    HELP = (
        "Choose a field, write another value and press Enter: paired probes measure what it gains. Nothing is written."
    )

    def __init__(self, config: Config, field: str = "learning_rate") -> None:
        super().__init__()
        self._config = config
        self._field = field if field in FIELDS else FIELDS[0]

    def compose(self) -> ComposeResult:
        """The field, its current value and the input for another one."""
        with Vertical():
            yield Label("What if …", id="head")
            yield Select([(name, name) for name in FIELDS], value=self._field, allow_blank=False)
            yield Label("is now unknown", id="before", markup=False)
            yield Input(placeholder="another value, such as 0.01, imagenet, none or [a, b]")
            yield Label("Enter runs paired probes with it; Escape goes back.", id="hint")
            yield Label("", id="wrong", markup=False)

    def on_mount(self) -> None:
        """Focus the input."""
        self.query_one(Input).focus()

    def on_select_changed(self, event: Select.Changed) -> None:
        """Show the current value of the field that was picked."""
        self._field = str(event.value)
        setting = getattr(self._config, self._field)
        now = setting_shown(setting.value) if setting.known else "unknown"
        self.query_one("#before", Label).update(printable(f"is now {now}; what if it were"))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Close with {field: value}; show why where it cannot be read or is the current value."""
        if not event.value.strip():
            return
        try:
            config = understood([assignment(f"{self._field}={event.value.strip()}")], BY_HAND)
        except InputError as fault:
            self.query_one("#wrong", Label).update(printable(str(fault).removeprefix(f"{BY_HAND}: ")))
            return
        value = getattr(config, self._field).value
        if value == getattr(self._config, self._field).value:
            self.query_one("#wrong", Label).update("That is what it is now.")
            return
        self.dismiss({self._field: value})
