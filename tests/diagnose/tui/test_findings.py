import shutil

import pytest
from folders import fill
from piloting import finished, opened
from textual.widgets import Input, OptionList
from textual_image.widget import HalfcellImage

from diagnose.tui.findings import FindingsPane


def rows(app):
    listed = app.screen.query_one("FindingsPane OptionList", OptionList)
    return [str(listed.get_option_at_index(number).prompt) for number in range(listed.option_count)]


def titles(app):
    box = app.screen.query_one("FindingsPane #list")
    return str(box.border_title), str(box.border_subtitle)


async def test_filter_group_sort_and_search(root, sick):
    app = opened(root, str(sick))
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        findings = len(rows(app))
        assert titles(app) == (f"{findings} findings", "by harm")
        await pilot.press("f")
        assert 0 < findings < len(rows(app))
        assert titles(app)[0] == f"{len(rows(app))} of {len(rows(app))} checks: everything"
        await pilot.press("g")
        assert rows(app)[0].startswith("── error (")
        await pilot.press("j")
        assert app.screen.query_one(FindingsPane).current is not None  # headings are passed over
        await pilot.press("t")
        assert "by severity" in titles(app)[1]
        await pilot.press("slash", *"weights")
        assert app.screen.query_one(Input).has_focus
        assert '"weights"' in titles(app)[1]
        await pilot.press("enter")
        assert app.screen.query_one("FindingsPane OptionList").has_focus
        await pilot.press("slash", *"zzz")
        assert rows(app) == ["Nothing here; f shows more, Escape clears the search."]
        await pilot.press("escape")
        assert '"' not in titles(app)[1]
        assert len(rows(app)) > 1


async def test_consequences_stand_below_their_cause_without_a_fix_of_their_own(root, sick):
    app = opened(root, str(sick))
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        cause, follows = rows(app)[:2]
        assert cause.startswith("✗ C301")
        assert follows.startswith("  └ ✗ D108")
        await pilot.press("j")
        await pilot.pause()
        assert app.screen.query_one(FindingsPane).current.fix.startswith("Fix C301 first: ")
        await pilot.press("g", "g")
        assert not [row for row in rows(app) if row.startswith("  └")]


async def test_the_finding_under_the_cursor_stays_when_the_order_changes(root, sick):
    app = opened(root, str(sick))
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        pane = app.screen.query_one(FindingsPane)
        await pilot.press("j")
        before = pane.current
        await pilot.press("t")
        assert pane.current is before


@pytest.fixture(scope="session")
def copied(place):
    """Images of which one is there twice."""
    root = fill(place / "copied", {"train/cat": 20, "train/dog": 20, "val/cat": 60, "val/dog": 60})
    shutil.copy(root / "train" / "cat" / "000.png", root / "train" / "cat" / "copy.png")
    return root


async def test_a_finding_shows_the_images_that_it_names(copied):
    app = opened(copied)
    async with app.run_test(size=(140, 50)) as pilot:
        await finished(pilot)
        pane = app.screen.query_one(FindingsPane)
        await pilot.press("slash", *"exact-dup", "enter")
        await pilot.pause()
        assert pane.current.code == "D104"
        one, other = pane.query(HalfcellImage)
        assert one.size.area > 0
        assert other.size.area > 0
        await pilot.press("f", "slash", *["backspace"] * 9, *"batch", "enter")
        await pilot.pause()
        assert not pane.query(HalfcellImage)
        await pilot.press("2")
        await pilot.pause()
        assert len(app.screen.query("DataPane HalfcellImage")) >= 2


async def test_without_colours_there_are_no_half_cells(copied, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = opened(copied)
    async with app.run_test(size=(140, 50)) as pilot:
        await finished(pilot)
        assert not app.screen.query(HalfcellImage)
