"""How a coding agent uses the tool: the order of its steps, and how to read what it says, as a SKILL.md."""

from __future__ import annotations

from pathlib import Path

from diagnose.model import InputError, printable

NAME = "SKILL.md"
ORDER = """Order, cheapest first; stop where the cause is found and verified:
1. inspect reads the program and the images, in seconds, and executes nothing.
2. run executes the program in miniature (a minute, after the person agreed) and sees what reading cannot.
3. probe trains briefly and measures what explains the gap (the budget, 3 minutes or more).
4. propose_fix makes a patch; verify_fix measures what it gains; apply_fix writes it, after the person agreed.
With trained weights that score badly: autopsy. With logs of an earlier run: read_log. With a program that does better:
compare. Each answer names in `next` the one step that would show most now."""

TEXT = Path(__file__).with_name("skill.md")


def write_skill(folder: Path) -> Path:
    """Writes SKILL.md into the folder, which is made where it is missing. Returns its path. Raises InputError where it
    cannot be written, or another file of that name is there."""
    path, text = folder / NAME, TEXT.read_text(encoding="utf-8")
    try:
        if path.exists() and path.read_text(encoding="utf-8") != text:
            raise InputError(f"{printable(str(path))} is there and differs: move it, or choose another folder.")
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{printable(str(path))} is there and differs: move it, or choose another folder.") from None
    except OSError as fault:
        raise InputError(
            f"{printable(str(path))} cannot be written ({fault.strerror}): choose another folder."
        ) from None
    return path
