"""How this terminal shows a picture: by its own graphics (sixel, kitty's protocol), else in half cells.

A terminal is asked by an escape sequence, and its answer comes as if it were typed. textual-image asks when it is
imported and waits a tenth of a second; over a slow line the answer would come after that, when Textual reads the keys,
and would press some. So a question of our own goes first, with more patience: only a terminal that answers it at once
is asked for more.
"""

from __future__ import annotations

import io
import logging
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import TYPE_CHECKING

from textual_image._terminal import TerminalError, capture_terminal_response

if TYPE_CHECKING:
    from textual_image.widget import AutoImage, HalfcellImage, SixelImage

logging.getLogger("textual_image").addHandler(logging.NullHandler())  # else it writes where the screen will be

PATIENCE = 1.0  # seconds for an answer that every terminal gives (its primary device attributes)
AT_ONCE = 0.04  # seconds; textual-image waits 0.1 for each of its own
PLACEHOLDERS = (0, 28)  # kitty's version that has them (its changelog)


@cache
def picture_widget() -> type[AutoImage | HalfcellImage | SixelImage]:
    """The widget of one picture. The first call asks the terminal: before Textual has it, or half cells it is."""
    with nullcontext() if _answers_at_once() else _no_terminal():
        from textual_image import renderable, widget
    if renderable.Image is renderable.SixelImage or (renderable.Image is renderable.TGPImage and _has_placeholders()):
        return widget.Image
    return widget.HalfcellImage


def in_half_cells() -> bool:
    """Whether pictures are made of coloured characters, the only kind that every terminal has."""
    shown = picture_widget()
    from textual_image.widget import HalfcellImage  # imported only once the terminal was asked

    return shown is HalfcellImage


def _answers_at_once() -> bool:
    if not (sys.__stdin__ and sys.__stdin__.isatty() and sys.__stdout__ and sys.__stdout__.isatty()):
        return False
    if not os.get_terminal_size(sys.__stdout__.fileno()).columns:  # a line without a size, such as a serial console
        return False
    asked = time.monotonic()
    return bool(_answer("\x1b[c", "\x1b[?", "c")) and time.monotonic() - asked < AT_ONCE


def _has_placeholders() -> bool:
    """Whether pictures can stand in text, which is how textual-image places them by kitty's protocol."""
    name = _answer("\x1b[>q", "\x1bP>|", "\x1b\\")
    version = re.match(r"kitty\((\d+)\.(\d+)", name)
    return name.startswith("ghostty") or (version is not None and tuple(map(int, version.groups())) >= PLACEHOLDERS)


def _answer(question: str, before: str, after: str) -> str:
    """What the terminal answers between these two; empty where it does not."""
    try:
        with capture_terminal_response(before, after, PATIENCE) as response:
            assert sys.__stdout__ is not None
            sys.__stdout__.write(question)
            sys.__stdout__.flush()
    except TerminalError:  # somebody types already; the answer behind it would be taken for keys
        time.sleep(AT_ONCE)
        _forget_typed()
        return ""
    except (TimeoutError, UnicodeDecodeError):
        return ""
    return str(response.sequence).removeprefix(before).removesuffix(after)


def _forget_typed() -> None:
    try:
        import termios
    except ImportError:  # on Windows
        return
    assert sys.__stdin__ is not None
    termios.tcflush(sys.__stdin__, termios.TCIFLUSH)


@contextmanager
def _no_terminal() -> Iterator[None]:
    """textual-image asks no terminal where there is none."""
    real = sys.__stdout__
    sys.__stdout__ = io.StringIO()  # type: ignore[assignment, misc]  # for the time of an import
    try:
        yield
    finally:
        sys.__stdout__ = real  # type: ignore[misc]
