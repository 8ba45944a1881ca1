"""Pictures of the screens at three sizes; after a change of looks, `pytest --snapshot-update` and look at them."""

import re
from pathlib import Path

import pytest
from piloting import until
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


# What the pictures show of: a check that is added changes none of them.
CHECKS = ("C301", "C302", "C303", "C304", "C305", "C306", "D101", "D104", "D106", "D108", "N203", "P501", "P503")
PATIENCE = 500  # looks at a screen that does not come to rest


@pytest.fixture
def app(image_folder, tmp_path, monkeypatch):
    """A finished run without probes, whose paths are the same on every machine."""
    image_folder({"train/cat": 20, "train/dog": 20, "val/cat": 60, "val/dog": 60})
    (tmp_path / "sick.yaml").write_text(SICK)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("diagnose.tui.run.minutes", lambda seconds: "0:01")
    return DiagnoseApp(Request(Path("images"), "sick.yaml", probes=False, select=CHECKS), open_at_once=True)


async def finished(pilot):
    await until(pilot, lambda: isinstance(pilot.app.screen, RunScreen) and not pilot.app.screen.running)
    await until(pilot, lambda: bool(pilot.app.screen.query_one(FindingsPane).evidence.edits))
    pilot.app.screen.query_one(OptionList).scroll_home(animate=False)
    await settled(pilot)


async def settled(pilot):
    """Until the screen looks the same three times."""
    looks = []
    for _ in range(PATIENCE):
        await pilot.pause(0.05)
        looks.append(pilot.app.export_screenshot())
        if len(looks) > 2 and looks[-1] == looks[-2] == looks[-3]:
            return
    pytest.fail("the screen never came to rest")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_findings(app, snap_compare, size):
    assert snap_compare(app, terminal_size=size, run_before=finished)


def test_data(app, snap_compare):
    async def data(pilot):
        await finished(pilot)
        await pilot.press("2")
        await settled(pilot)

    assert snap_compare(app, terminal_size=(100, 30), run_before=data)


def test_start(snap_compare, tmp_path, monkeypatch):
    async def look(what, path):
        return {"text": "photos/ (6 classes, 309 images) + train.py", "data": "photos", "config": "train.py"}

    monkeypatch.setattr("diagnose.tui.start.looked_at", look)
    monkeypatch.chdir(tmp_path)
    assert snap_compare(DiagnoseApp(Request(None), open_at_once=False), terminal_size=(80, 24), run_before=settled)


@pytest.mark.parametrize("key", ["w", "a", "question_mark"])
def test_over_the_findings(app, snap_compare, key):
    async def opened(pilot):
        await finished(pilot)
        await pilot.press(key)
        await pilot.pause()
        if key == "question_mark":
            await until(pilot, lambda: bool(pilot.app.screen.query("MarkdownParagraph")))
        for field in pilot.app.screen.query(Input):
            field.cursor_blink = False  # a picture of a blinking cursor is another one every half second
        await settled(pilot)

    assert snap_compare(app, terminal_size=(100, 30), run_before=opened)


def test_snapshots_hold_no_path_of_this_machine(request):
    pictures = list((request.path.parent / "__snapshots__").rglob("*.svg"))
    assert len(pictures) == 8
    for picture in pictures:
        assert not re.search(r"/(tmp|home|root|work)/", picture.read_text())
