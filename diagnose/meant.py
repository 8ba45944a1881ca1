"""What the bare words of the command line mean: images and a program, in whichever order they stand.

`diagnose photos train.py`, `diagnose train.py`, and `diagnose .` in a folder with one training program.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import NamedTuple

from diagnose.model import InputError, printable

EITHER = (".json",)  # annotations or a configuration: a program only beside images
TRAINING = ("train*.py", "*_train.py", "training.py")  # what a folder's one training program is called


class Meant(NamedTuple):
    """The images, and the program as --config would name it. typed: whether it was named on the command line, as
    opposed to the project's settings or the folder that it stands in."""

    data: str | None
    config: str | None
    typed: bool


def meant(words: tuple[str | None, str | None], typed: str | None, config: str | None) -> Meant:
    """The images and the program among at most two words. typed: what --config gives on the command line; config: there
    or in the project's settings, which a word goes before. Raises InputError where both words are the same kind, or a
    program is named twice."""
    given = [word for word in words if word]
    programs = [word for word in given if _is_program(word, alone=len(given) == 1)]
    data = [word for word in given if word not in programs]
    if len(data) > 1:
        raise InputError(
            f"{printable(data[0])} and {printable(data[1])} are both data: give one folder of images, and the program "
            "with --config."
        )
    if len(programs) > 1:
        raise InputError(f"{printable(programs[0])} and {printable(programs[1])} are both programs: give one of them.")
    if programs and typed is not None:
        raise InputError(f"{printable(programs[0])} and --config both name a program: give one of them.")
    images = data[0] if data else None
    if programs or config is not None or images is None:
        return Meant(images, programs[0] if programs else config, bool(programs) or typed is not None)
    return Meant(images, _beside(images), False)


def _is_program(word: str, alone: bool) -> bool:
    """Whether a word is a file that --config takes, or a command line with one: "train.py --lr 0.1"."""
    if Path(word).is_dir() or not any(Path(one).suffix for one in word.split()):
        return False
    from diagnose.config.read import ENDINGS  # a folder of images alone does not wait for it

    ending = Path(word).suffix.lower()
    if ending in ENDINGS and not (alone and ending in EITHER):
        return True
    try:
        words = [] if Path(word).exists() else shlex.split(word)
    except ValueError:
        return False
    return len(words) > 1 and any(Path(one).suffix.lower() in ENDINGS and Path(one).exists() for one in words)


def _beside(folder: str) -> str | None:
    """The one training program that stands in the current folder, where that is the data; None of none or several."""
    place = Path(folder)
    if not place.is_dir() or place.resolve() != Path.cwd().resolve():
        return None
    return program_in(place)


def program_in(place: Path) -> str | None:
    """The one training program that stands in a folder; None of none or several."""
    found = sorted({path for pattern in TRAINING for path in place.glob(pattern) if path.is_file()})
    return str(found[0]) if len(found) == 1 else None
