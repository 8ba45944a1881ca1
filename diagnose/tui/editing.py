"""Handing a file to the person's editor at its line, and a picture to the system's viewer."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

from textual.app import App, SuspendNotSupported

from diagnose.model import InputError

USUAL = "vi"
COLON = ("hx", "helix", "zed", "subl", "micro")  # FILE:LINE
GOTO = ("code", "codium", "cursor", "windsurf")  # --goto FILE:LINE, and back only once the file is closed


def editor_command(path: str, line: int | None) -> list[str]:
    """The words that open a file at a line in $VISUAL or $EDITOR, by the convention of that editor.

    Raises InputError where that is no command line.
    """
    try:
        words = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "") or [USUAL]
    except ValueError:
        raise InputError("EDITOR has a quote that is never closed: set it to an editor's command.") from None
    name = Path(words[0]).stem
    place = f"{path}:{line}" if line else path
    if name in COLON:
        return [*words, place]
    if name in GOTO:
        return [*words, *([] if "--wait" in words or "-w" in words else ["--wait"]), "--goto", place]
    return [*words, *([f"+{line}"] if line else []), path]


def edit(app: App[object], path: str, line: int | None) -> None:
    """Leave the screen to the editor until it ends. Raises InputError where there is none, or no terminal for it."""
    command = editor_command(path, line)
    try:
        with app.suspend():
            subprocess.run(command, check=False)
    except FileNotFoundError:
        raise InputError(f"the editor {command[0]} isn't installed: set EDITOR to one that is.") from None
    except SuspendNotSupported:
        raise InputError("this terminal cannot be handed to an editor.") from None
