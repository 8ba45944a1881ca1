"""Fixes from the findings: applied, rebased, undone, and all at once."""

from piloting import opened, patched, until
from textual.widgets import OptionList

from diagnose.tui.apply import ApplyScreen
from diagnose.tui.findings import FindingsPane
from diagnose.tui.run import RunScreen

TWICE = "method: transfer\nweights: none\noptimizer: sgd\nlearning_rate: 1000\nhead: 2\n"


def first_row(app):
    return str(app.screen.query_one("FindingsPane OptionList", OptionList).get_option_at_index(0).prompt)


def notices(app):
    return [one.message for one in app._notifications]


async def test_an_applied_fix_shows_as_fixed_and_is_undone(root, steep):
    before = steep.read_text()
    app = opened(root, str(steep))
    async with app.run_test(size=(120, 40)) as pilot:
        await patched(pilot)
        assert first_row(app).startswith("✗ C302  steep.yaml:4\n")
        await pilot.press("a")
        assert isinstance(app.screen, ApplyScreen)
        await pilot.press("enter")
        await until(
            pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.query_one(FindingsPane).evidence.fixed
        )
        await pilot.pause()
        assert first_row(app).startswith("✓ C302  steep.yaml:4, fixed since this run")
        assert "learning_rate: 0.1" in steep.read_text()
        await pilot.press("a")
        await until(pilot, lambda: any("fixed already" in one for one in notices(app)))
        await pilot.press("u")
        await until(pilot, lambda: not app.screen.query_one(FindingsPane).evidence.fixed)
        assert steep.read_text() == before
        assert not steep.with_name("steep.yaml.orig").exists()
        await pilot.press("u")
        await until(pilot, lambda: any("Nothing was written" in one for one in notices(app)))


async def test_all_fixes_are_written_at_once(root, steep):
    steep.write_text(TWICE)
    app = opened(root, str(steep))
    async with app.run_test(size=(120, 40)) as pilot:
        await patched(pilot)
        await pilot.press("A")
        await until(pilot, lambda: isinstance(app.screen, ApplyScreen))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        text = steep.read_text()
        assert "weights: imagenet" in text
        assert "learning_rate: 1000" not in text
        await until(pilot, lambda: len(app.screen.query_one(FindingsPane).evidence.fixed) > 1)


async def test_a_file_that_was_changed_since_is_not_undone(root, steep):
    app = opened(root, str(steep))
    async with app.run_test(size=(120, 40)) as pilot:
        await patched(pilot)
        await pilot.press("a", "enter")
        await until(
            pilot, lambda: isinstance(app.screen, RunScreen) and app.screen.query_one(FindingsPane).evidence.fixed
        )
        steep.write_text(steep.read_text() + "epochs: 3\n")
        await pilot.press("u")
        await until(pilot, lambda: any("was changed since" in one for one in notices(app)))
        assert "epochs: 3" in steep.read_text()


async def test_the_place_is_copied_and_the_editor_opened_at_it(root, steep, monkeypatch):
    asked = []
    monkeypatch.setattr("diagnose.tui.fixing.edit", lambda app, path, line: asked.append((path, line)))
    app = opened(root, str(steep))
    async with app.run_test(size=(120, 40)) as pilot:
        await patched(pilot)
        await pilot.press("e", "y", "i")
        await until(pilot, lambda: any("names no image" in one for one in notices(app)))
        assert asked == [(str(steep), 4)]
        assert app.clipboard == f"{steep}:4"
