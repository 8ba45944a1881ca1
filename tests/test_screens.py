"""The TUI driven by its keys over the engine at work, on small real images and in real probe processes."""

from pathlib import Path

import pytest
from piloting import PROBE, children, finished, opened, patched, probing, shown, state, until, verified_then_applied
from textual.widgets import Input, TabbedContent

from diagnose.engine import Request
from diagnose.tui.app import DiagnoseApp
from diagnose.tui.run import RunScreen
from diagnose.tui.start import StartScreen

FAST = {**PROBE, "probes": False, "budget": 18.0}


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    for name in ("NO_COLOR", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def root(image_folder):
    return image_folder({"train/cat": 20, "train/dog": 20, "val/cat": 60, "val/dog": 60})


@pytest.fixture
def steep(tmp_path):
    path = tmp_path / "steep.yaml"
    path.write_text("method: scratch\nweights: none\noptimizer: sgd\nlearning_rate: 1000\nhead: 2\n")
    return path


@pytest.mark.slow
async def test_probes_show_live_are_held_and_prolonged_and_cancel_keeps_what_is_known(root):
    app = opened(root, probes=True, **PROBE)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "Now: " in shown(app, "#now"))
        await until(pilot, lambda: "left; " in shown(app, "#plan"))  # the plan follows the first answer
        await pilot.press("p")
        assert shown(app, "#now").startswith("Held")
        await until(pilot, lambda: probing() and all(state(pid) == "T" for pid in probing()))
        await pilot.press("p")
        await until(pilot, lambda: "Now: " in shown(app, "#now"))
        await pilot.press("plus")
        assert "60 seconds more" in next(iter(app._notifications)).message
        assert children()
        await pilot.press("c")
        await finished(pilot)
        assert "Stopped before the end" in shown(app, "#verdict")
        assert app.screen.query_one(TabbedContent).active == "findings"
        assert children() == []


async def test_quitting_in_the_middle_leaves_no_process(root):
    app = opened(root, probes=True, **PROBE)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: bool(children()))
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
    assert children() == []


async def test_the_picker_takes_paths_and_starts(root, steep):
    app = DiagnoseApp(Request(Path("."), probes=False), open_at_once=False)
    async with app.run_test(size=(100, 30)) as pilot:
        assert isinstance(app.screen, StartScreen)
        app.screen.query_one("#data", Input).value = str(root)
        app.screen.query_one("#config", Input).value = str(steep)
        await pilot.press("ctrl+s")
        await finished(pilot)
        assert "Do not start" in shown(app, "#verdict")


@pytest.mark.slow
async def test_a_fix_is_verified_and_applied_with_a_backup(root, steep):
    app = opened(root, str(steep), **{**FAST, "budget": 40.0})
    async with app.run_test(size=(120, 40)) as pilot:
        await verified_then_applied(pilot, steep)


@pytest.mark.slow
async def test_leaving_a_verification_ends_its_probes(root, steep):
    app = opened(root, str(steep), **{**FAST, "budget": 60.0})
    async with app.run_test(size=(120, 40)) as pilot:
        await patched(pilot)
        await pilot.press("v")
        await until(pilot, lambda: bool(children()))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        assert children() == []
