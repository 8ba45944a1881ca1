"""What the program says about itself: its version, its checks, the form of its reports, its samples. Light on imports,
so that it answers at once."""

from __future__ import annotations

import io
import json
import os
import sys
import textwrap
from pathlib import Path

from diagnose import __version__
from diagnose.model import InputError, printable
from diagnose.registry import choose, explanation, load_checks

WIDTH = 100


def show_version() -> None:
    """Write the version to stdout."""
    say(f"diagnose {__version__}\n")


def list_all_checks() -> None:
    """One line per check: code, name and the first line of its documentation."""
    lines = [
        f"{check.code}  {check.name:30}  {explanation(check).splitlines()[0]}\n" for check in load_checks().values()
    ]
    say("".join(lines))


def explain_check(word: str) -> None:
    """The documentation of the checks that `word` names."""
    texts = []
    for check in choose(load_checks(), [word], []).values():
        paragraphs = (textwrap.fill(line, WIDTH) for line in explanation(check).splitlines())
        texts.append(f"{check.code} {check.name}\n\n" + "\n".join(paragraphs) + "\n")
    say("\n".join(texts))


def show_schema() -> None:
    """Write the JSON Schema of the JSON report to stdout."""
    from diagnose.report.response.schema import json_schema

    say(json.dumps(json_schema(), indent=1) + "\n")


def copy_samples(folder: str) -> None:
    """Copies the sample data into the folder, and says how to begin."""
    from diagnose.samples import write_samples

    say(f"The samples are in {printable(folder)}. To diagnose the healthy one:\n\n    {write_samples(Path(folder))}\n")


def write_skill(folder: str) -> None:
    """Writes the SKILL.md into the folder, and says where."""
    from diagnose.skill import write_skill

    say(f"{printable(str(write_skill(Path(folder))))} is written.\n")


def say(text: str) -> bool:
    """The one writer of stdout. A reader that has left, such as `head`, isn't an error: be quiet, and return False.
    Raises InputError where nothing can be written, such as to a full disk."""
    try:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that knows ASCII alone
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _no_more_output()
        return False
    except OSError as fault:
        _no_more_output()
        raise InputError(
            f"Standard output cannot be written ({fault.strerror}): make room there, or write elsewhere with --output."
        ) from None
    return True


def _no_more_output() -> None:
    """What is still in the buffer goes nowhere, so that the interpreter does not try it again at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
