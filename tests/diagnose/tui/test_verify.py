"""A fix verified, applied, and a value tried by hand."""

import dataclasses

import pytest
from builders import attribution, probe_run, probes
from piloting import PROBE, finished, opened, patched, shown, until, verified_then_applied
from textual.widgets import Input, Select, TabbedContent

from diagnose.events import Finished
from diagnose.model import Finding
from diagnose.tui.apply import ApplyScreen
from diagnose.tui.change import ChangeScreen
from diagnose.tui.findings import DetailScreen, FindingsPane
from diagnose.tui.run import RunScreen
from diagnose.tui.verify import VerifyScreen

FAST = {**PROBE, "probes": False, "budget": 18.0}


def edits(app):
    return app.screen.query_one(FindingsPane).evidence.edits


@pytest.fixture
def gains(monkeypatch, replay):
    """Probes that measured what the change gains."""

    def engine(request, controls):
        for event in replay(dataclasses.replace(request, probes=False), controls):
            if request.probes and isinstance(event, Finished):
                measured = probes(probe_run(), attribution=attribution(("learning rate", 0.1, 0.3)))
                evidence = dataclasses.replace(event.diagnosis.evidence, measured=measured)
                yield Finished(dataclasses.replace(event.diagnosis, evidence=evidence))
            else:
                yield event

    monkeypatch.setattr("diagnose.tui.driver.diagnose", engine)


@pytest.mark.usefixtures("gains")
async def test_a_verified_fix_is_applied_with_a_backup(root, steep):
    app = opened(root, str(steep))
    async with app.run_test(size=(120, 40)) as pilot:
        await verified_then_applied(pilot, steep)


async def test_without_images_the_reading_alone_is_checked(steep):
    app = opened(None, str(steep))
    async with app.run_test(size=(120, 40)) as pilot:
        await patched(pilot)
        await pilot.press("v")
        await until(pilot, lambda: bool(app.screen.answer))
        assert shown(app, "#now") == "C302 is gone with the change."
        assert app.screen.answer == "Not measured: no images were given."


async def test_a_patch_can_be_applied_from_the_findings(root, steep):
    app = opened(root, str(steep))
    async with app.run_test(size=(120, 40)) as pilot:
        await patched(pilot)
        await pilot.press("a", "y")
        await until(pilot, lambda: "learning_rate: 0.1" in steep.read_text())


async def test_a_patch_is_offered_where_the_screen_is_narrow(root, steep):
    app = opened(root, str(steep))
    async with app.run_test(size=(80, 24)) as pilot:
        await patched(pilot)
        await pilot.press("enter")
        assert isinstance(app.screen, DetailScreen)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, ApplyScreen))


async def test_what_cannot_be_patched_says_why(root, tmp_path):
    path = tmp_path / "train.yaml"
    path.write_text("weights: none\nmethod: transfer\n")
    app = opened(root, str(path))
    async with app.run_test(size=(120, 40)) as pilot:
        await patched(pilot)
        pane = app.screen.query_one(FindingsPane)
        place = next(n for n, item in enumerate(pane._listed) if not (isinstance(item, Finding) and item.changes))
        pane.query_one("OptionList").highlighted = place
        await pilot.press("a")
        assert isinstance(app.screen, RunScreen)
        assert "Nothing here can be changed for you" in next(iter(app._notifications)).message


async def test_a_file_that_changed_meanwhile_is_a_message(root, steep):
    app = opened(root, str(steep))
    async with app.run_test(size=(120, 40)) as pilot:
        await patched(pilot)
        steep.write_text("learning_rate: 5\n")
        await pilot.press("a", "enter")
        await until(pilot, lambda: bool(app._notifications))
        assert "changed meanwhile" in next(iter(app._notifications)).message
        assert steep.read_text() == "learning_rate: 5\n"


async def test_what_if_asks_for_a_value_and_refuses_a_wrong_one(root, steep):
    app = opened(root, str(steep), **FAST)
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await pilot.press("w")
        assert isinstance(app.screen, ChangeScreen)
        await until(pilot, lambda: "1e+03" in shown(app, "#before"))
        field = app.screen.query_one(Input)
        for value, told in (("-3", "greater than 0"), ("1000", "what it is now"), ("[", "learning_rate")):
            field.value = value
            await pilot.press("enter")
            assert told in shown(app, "#wrong")
        app.screen.query_one(Select).value = "shuffle"
        await pilot.pause()
        field.value = "false"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, VerifyScreen))
        assert shown(app, "#title") == "Verify: shuffle False"
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))


async def test_what_if_begins_at_the_field_under_the_cursor(root, steep):
    app = opened(root, str(steep))
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await pilot.press("4")
        assert app.screen.query_one(TabbedContent).active == "configuration"
        table = app.screen.query_one("ConfigurationPane DataTable")
        names = [str(table.get_row_at(number)[1]) for number in range(table.row_count)]
        table.move_cursor(row=names.index("weights"))
        await pilot.press("w")
        assert app.screen.query_one(Select).value == "weights"
        await pilot.press("escape")
        assert isinstance(app.screen, RunScreen)
