"""Marks and messages can be read on every surface of every theme: WCAG's contrast of 4.5 to 1."""

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from diagnose.report.text import COLOURS
from diagnose.tui.app import HIGH_CONTRAST
from diagnose.tui.colours import LEAST, contrast, report_colours, surfaces

USED = {"red": 1, "green": 2, "yellow": 3, "blue": 4, "magenta": 5, "cyan": 6}


def test_contrast_is_that_of_the_guideline():
    assert contrast(Color(0, 0, 0), Color(255, 255, 255)) == pytest.approx(21)
    assert contrast(Color(118, 118, 118), Color(255, 255, 255)) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", [*BUILTIN_THEMES.values(), HIGH_CONTRAST], ids=lambda theme: theme.name)
def test_every_colour_stands_out_on_every_surface(theme):
    if "ansi" in theme.name:
        pytest.skip("the terminal's own colours, which nobody here knows")
    variables = theme.to_color_system().generate()
    colours = report_colours(variables, theme.dark, coloured=True).ansi_colors
    for ground in surfaces(variables):
        for used, number in USED.items():
            assert contrast(Color(*colours[number]), ground) >= LEAST, (ground, used)


def test_the_marks_use_those_colours():
    assert {style.split()[-1] for style in COLOURS.values()} <= set(USED)


def test_without_colours_everything_is_white_or_black():
    grounds = {"background": "#000000", "surface": "#000000", "panel": "#262626", "primary": "#ffff00"}
    assert set(report_colours(grounds, True, coloured=False).ansi_colors._colors) == {(255, 255, 255)}
