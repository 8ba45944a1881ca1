"""What a person chose for every later session: the theme, as one word in the user's configuration folder."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import platformdirs


def _place() -> Path:
    return Path(platformdirs.user_config_dir("diagnose", appauthor=False)) / "theme"


def chosen_theme() -> str:
    """The name of the theme; empty where none was chosen."""
    try:
        return _place().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def keep_theme(name: str) -> None:
    """Written for the next session, where it can be."""
    if name == chosen_theme():  # a session begins with it
        return
    with suppress(OSError):
        _place().parent.mkdir(parents=True, exist_ok=True)
        _place().write_text(f"{name}\n", encoding="utf-8")
