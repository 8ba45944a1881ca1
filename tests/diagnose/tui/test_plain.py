"""The screen in ASCII alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.color import Color

from diagnose.engine import Request
from diagnose.tui.app import DiagnoseApp
from diagnose.tui.plain import plain, wants_ascii


@pytest.mark.parametrize(
    ("environment", "ascii_alone"),
    [
        ({}, False),
        ({"LANG": "C"}, True),
        ({"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),  # Python's own coercion
        ({"LC_CTYPE": "C.UTF-8"}, False),
        ({"LC_CTYPE": "de_DE.UTF-8", "LANG": "C"}, False),
        ({"LANG": "de_DE.ISO-8859-1"}, True),
        ({"LANG": "de_DE@euro"}, False),
        ({"LANG": "en_US.utf8"}, False),
    ],
)
def test_the_locale_that_was_set_decides(environment, ascii_alone):
    assert wants_ascii(environment) is ascii_alone


def test_marks_and_boxes_have_twins():
    assert plain("╭─ ✗ 3 ● → ⣿ ⠀ …") == "+- x 3 * > .   ."


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Mn", "Me", "Cf"]), max_size=30))
def test_every_line_is_ascii_and_as_wide_as_before(text):
    assert plain(text).isascii()
    assert cell_len(plain(text)) == cell_len(text)


async def test_the_whole_screen_is_ascii(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C")
    monkeypatch.setenv("LC_ALL", "C")
    app = DiagnoseApp(Request(None), open_at_once=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        filters = app.get_line_filters()
        for strip in app.screen._compositor.render_strips():
            for line_filter in filters:
                strip = strip.apply_filter(line_filter, Color(0, 0, 0))
            assert strip.text.isascii()
