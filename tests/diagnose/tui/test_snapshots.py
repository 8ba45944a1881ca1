"""Pictures of the screens at three sizes; after a change of looks, `pytest --snapshot-update` and look at them."""

import re

import pytest
from textual.widgets import Input, OptionList

from diagnose.engine import Request
from diagnose.tui.app import DiagnoseApp
from diagnose.tui.findings import FindingsPane
from diagnose.tui.run import RunScreen

SICK = """\
name: transfer learning
method: transfer
weights: none
optimizer: sgd
learning_rate: 10
batch_size: 32
epochs: 10
head: 3
"""


@pytest.fixture
def app(image_folder, tmp_path, monkeypatch):
    """A finished run without probes, whose paths are the same on every machine."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    image_folder({"train/cat": 20, "train/dog": 20, "val/cat": 60, "val/dog": 60}, root=tmp_path / "images")
    (tmp_path / "sick.yaml").write_text(SICK)
    monkeypatch.chdir(tmp_path)
    from pathlib import Path

    app = DiagnoseApp(Request(Path("images"), "sick.yaml", probes=False), open_at_once=True)
    return app


async def finished(pilot):
    while not (isinstance(pilot.app.screen, RunScreen) and not pilot.app.screen.running):
        await pilot.pause(0.05)
    pilot.app.screen.query_one(OptionList).scroll_home(animate=False)
    await settled(pilot)


async def settled(pilot):
    """Until the screen has stood still for a while, however slow the machine is."""
    before = None
    for _ in range(20):
        await pilot.pause(0.6)
        now = pilot.app.export_screenshot()
        if now == before:
            return
        before = now


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_findings(app, snap_compare, size):
    assert snap_compare(app, terminal_size=size, run_before=finished)


def test_data(app, snap_compare):
    async def data(pilot):
        await finished(pilot)
        await pilot.press("1")
        await settled(pilot)

    assert snap_compare(app, terminal_size=(100, 30), run_before=data)


def test_start(snap_compare, tmp_path, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.chdir(tmp_path)
    assert snap_compare(DiagnoseApp(Request(None), open_at_once=False), terminal_size=(80, 24), run_before=settled)


@pytest.mark.parametrize("key", ["w", "a", "question_mark"])
def test_over_the_findings(app, snap_compare, key):
    async def opened(pilot):
        await finished(pilot)
        while not pilot.app.screen.query_one(FindingsPane).evidence.edits:
            await pilot.pause(0.05)
        await pilot.press(key)
        await pilot.pause()
        for field in pilot.app.screen.query(Input):
            field.cursor_blink = False  # a picture of a blinking cursor is another one every half second
        await settled(pilot)

    assert snap_compare(app, terminal_size=(100, 30), run_before=opened)


def test_snapshots_hold_no_path_of_this_machine(request):
    folder = request.path.parent / "__snapshots__"
    for picture in folder.rglob("*.svg"):
        assert not re.search(r"/(tmp|home|root|work)/", picture.read_text())
