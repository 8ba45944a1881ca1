"""The entry point: the fast way to --help, and what becomes of an exception.

Exit codes: 0 nothing at or above --fail-on, 1 findings at or above it, 2 wrong use or unreadable input,
3 a part could not be examined, 130 interrupted.
"""

import os
import sys
from pathlib import Path
from typing import NoReturn

HELP = os.path.join(os.path.dirname(__file__), "help.txt")
UNEXPECTED, INTERRUPTED = 3, 130
# what no project's settings concern
ABOUT = frozenset(
    ("--help", "-h", "--version", "--list-checks", "--explain", "--schema", "--samples", "--skill", "--mcp")
)


def main() -> NoReturn:
    """Runs the command. Typer would exit with 1 for an unforeseen exception, but 1 is for findings alone."""
    if sys.argv[1:] in (["--help"], ["-h"]):
        # typer's own help, rendered once by tests/help_text.py: importing typer costs five bare Pythons
        with open(HELP, encoding="utf-8") as text:
            sys.stdout.write(text.read())
        sys.exit(0)
    import typer

    from diagnose import settings
    from diagnose.command import app
    from diagnose.model import BrokenInstallation, InputError, printable, redacted

    try:
        asked = ABOUT.intersection(sys.argv) or os.environ.get("_DIAGNOSE_COMPLETE")
        path = None if asked else settings.find(Path.cwd())
        code = app(default_map=settings.read(path) if path else {}, obj=path, standalone_mode=False)
        sys.exit(code or 0)
    except typer.Abort:
        sys.exit(INTERRUPTED)
    except typer.TyperException as fault:  # of wrong options: said as all else is
        message = getattr(fault, "format_message", fault.__str__)().removesuffix(".")
        sys.stderr.write(f"diagnose: {printable(redacted(message))}. See diagnose --help.\n")
        sys.exit(2)
    except InputError as fault:
        sys.stderr.write(f"diagnose: {printable(redacted(str(fault)))}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenInstallation as fault:
        sys.stderr.write(f"diagnose: {fault}\n")
        sys.exit(UNEXPECTED)
    except Exception as fault:
        sys.stderr.write(
            f"diagnose: an unforeseen fault, {type(fault).__name__}: {fault}. Please report it; "
            "DIAGNOSE_TRACEBACK=1 shows where.\n"
        )
        if os.environ.get("DIAGNOSE_TRACEBACK"):
            raise
        sys.exit(UNEXPECTED)
