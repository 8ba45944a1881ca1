"""Which pictures a terminal gets: a program in a pseudo-terminal asks, and the test answers as terminals do."""

import os
import select
import sys
import time

import pytest

pty = pytest.importorskip("pty", reason="needs a pseudo-terminal")
termios = pytest.importorskip("termios")

ATTRIBUTES, GRAPHICS, VERSION = b"\x1b[c", b"\x1b_G", b"\x1b[>q"
ASK = """
import select, sys, tty
from diagnose.tui.pictures import picture_widget
shown = picture_widget()
tty.setcbreak(0, 0)
print("keys are waiting" if select.select([0], [], [], 0)[0] else "no keys", f"<{shown.__name__}>")
"""
PLAIN = {ATTRIBUTES: b"\x1b[?1;2c"}
KITTY = {**PLAIN, GRAPHICS: b"\x1b_Gi=1;OK\x1b\\"}


def chosen(answers, late=0.0, size=(24, 80)):
    """The name of the widget, and everything that the terminal was sent."""
    child, terminal = pty.fork()
    if child == 0:
        termios.tcsetwinsize(0, size)
        os.execv(sys.executable, [sys.executable, "-c", ASK])
    sent, answered, end = b"", 0, time.monotonic() + 30
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            sent += os.read(terminal, 4096)
        except OSError:  # it ended
            break
        places = [(sent.find(question, answered), question) for question in answers]
        for place, question in sorted(places):
            if place >= 0:
                answered = place + len(question)
                time.sleep(late)
                os.write(terminal, answers[question])
    os.close(terminal)
    os.waitpid(child, 0)
    return sent.decode().rpartition("<")[2].partition(">")[0], sent


@pytest.mark.parametrize(
    ("answers", "widget"),
    [
        ({ATTRIBUTES: b"\x1b[?62;4;22c"}, "Image"),  # sixel
        ({**KITTY, VERSION: b"\x1bP>|kitty(0.42.1)\x1b\\"}, "AutoImage"),
        ({**KITTY, VERSION: b"\x1bP>|ghostty 1.2.0\x1b\\"}, "AutoImage"),
        ({**KITTY, VERSION: b"\x1bP>|kitty(0.26.5)\x1b\\"}, "HalfcellImage"),  # no pictures in text yet
        (PLAIN, "HalfcellImage"),
        ({}, "HalfcellImage"),
    ],
    ids=["sixel", "kitty", "ghostty", "old kitty", "plain", "silent"],
)
def test_a_terminal_gets_the_best_pictures_that_it_can_show(answers, widget):
    found, sent = chosen(answers)
    assert found == widget
    assert b"Traceback" not in sent
    assert b"no keys" in sent


def test_a_terminal_without_a_size_gets_half_cells():
    assert chosen({ATTRIBUTES: b"\x1b[?62;4;22c"}, size=(0, 0))[0] == "HalfcellImage"


def test_what_is_typed_meanwhile_leaves_no_answer_behind_it():
    widget, sent = chosen({ATTRIBUTES: b"\x1b[B\x1b[?62;4;22c"})
    assert widget == "HalfcellImage"
    assert b"no keys" in sent


def test_a_slow_line_is_asked_once_so_that_no_answer_comes_as_keys():
    widget, sent = chosen({ATTRIBUTES: b"\x1b[?62;4;22c"}, late=0.3)
    assert widget == "HalfcellImage"
    assert sent.count(ATTRIBUTES) == 1
    assert GRAPHICS not in sent
