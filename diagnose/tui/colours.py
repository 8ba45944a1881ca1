"""What the colours of a report are on a screen: such that they can be read on the surfaces of the theme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.terminal_theme import TerminalTheme
from textual.color import Color

LEAST = 4.5  # contrast of text against what is behind it: WCAG 2.2, success criterion 1.4.3
SURFACES = ("background", "surface", "panel")  # what text stands on
CURSOR = 0.25  # of the primary colour, over the background, behind the line under the cursor: diagnose.tcss
STEPS = 20  # from a colour to white or black
GREY, WHITE, BLACK = Color(128, 128, 128), Color(255, 255, 255), Color(0, 0, 0)
# Black, red, green, yellow, blue, magenta, cyan, white: where they can be read, they are these.
ON_DARK = (GREY, Color(255, 105, 105), Color(120, 210, 100), Color(255, 185, 80), Color(115, 175, 255),
           Color(245, 135, 245), Color(85, 210, 230), WHITE)  # fmt: skip
ON_LIGHT = (GREY, Color(175, 0, 25), Color(0, 110, 30), Color(140, 80, 0), Color(0, 70, 190), Color(145, 0, 145),
            Color(0, 95, 120), BLACK)  # fmt: skip


def luminance(colour: Color) -> float:
    """Relative luminance, 0..1, as WCAG defines it."""
    parts = [value / 255 for value in (colour.r, colour.g, colour.b)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    """Contrast ratio, 1..21, as WCAG defines it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable(colour: Color, grounds: Sequence[Color], dark: bool) -> Color:
    """The colour, as much lighter (darker, on a light theme) as it takes to be read on every ground."""
    shades = (colour.blend(WHITE if dark else BLACK, step / STEPS) for step in range(STEPS + 1))
    return next((shade for shade in shades if all(contrast(shade, one) >= LEAST for one in grounds)), shade_end(dark))


def shade_end(dark: bool) -> Color:
    """White on a dark theme, black on a light one."""
    return WHITE if dark else BLACK


def surfaces(variables: Mapping[str, str]) -> list[Color]:
    """What text stands on, for a theme with these variables: the background first, the line under the cursor last."""
    grounds = [Color.parse(variables[name]) for name in SURFACES]
    return [*grounds, grounds[0].blend(Color.parse(variables["primary"]), CURSOR)]


def report_colours(variables: Mapping[str, str], dark: bool, coloured: bool) -> TerminalTheme:
    """The eight colours of a terminal, for a theme with these variables; coloured: whether they may be any."""
    grounds = surfaces(variables)
    eight = [
        (shade.r, shade.g, shade.b)
        for colour in (ON_DARK if dark else ON_LIGHT)
        for shade in [readable(colour, grounds, dark) if coloured else shade_end(dark)]
    ]
    ground, text = grounds[0], shade_end(dark)
    return TerminalTheme((ground.r, ground.g, ground.b), (text.r, text.g, text.b), eight, eight)
