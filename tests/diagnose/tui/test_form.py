import asyncio
from pathlib import Path

import pytest
from piloting import finished, shown, until
from textual.widgets import Input

from diagnose.engine import Request
from diagnose.tui.app import DiagnoseApp
from diagnose.tui.looking import looked_at
from diagnose.tui.run import RunScreen
from diagnose.tui.start import StartScreen


def start(**more):
    return DiagnoseApp(Request(None, probes=False, **more), open_at_once=False)


def fill(app, **fields):
    for name, value in fields.items():
        app.screen.query_one(f"#{name}", Input).value = str(value)


async def test_what_the_images_would_be_read_as_stands_below_them(root):
    app = start()
    async with app.run_test(size=(100, 30)) as pilot:
        fill(app, data=root)
        await until(pilot, lambda: shown(app, "#read-as") == "2 classes, 160 images: 40 train, 120 val.")
        fill(app, data=root / "gone")
        await until(pilot, lambda: "does not exist" in shown(app, "#read-as"))
        assert app.screen.query_one("#read-as").has_class("-wrong")


@pytest.mark.parametrize(
    ("fields", "wrong", "why"),
    [
        ({"budget": "soon"}, "budget", "Time soon: give a time such as 90s, 5m or 2h."),
        ({"device": "tpu"}, "device", "Device tpu: give one of auto, cpu, cuda, mps."),
        ({"config": "gone.py"}, "config", "gone.py does not exist"),
        ({"against": "gone.py"}, "against", "gone.py does not exist"),
    ],
)
async def test_a_field_that_is_wrong_is_marked_focused_and_explained(root, fields, wrong, why):
    app = start()
    async with app.run_test(size=(100, 30)) as pilot:
        fill(app, data=root, **fields)
        await pilot.pause()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert isinstance(app.screen, StartScreen)
        field = app.screen.query_one(f"#{wrong}", Input)
        assert field.has_class("-wrong")
        assert field.has_focus
        assert why in next(iter(app._notifications)).message


async def test_settings_of_the_form_are_those_of_the_run(root, sick):
    app = start()
    async with app.run_test(size=(100, 30)) as pilot:
        fill(app, data=root, config=sick, against=sick, budget="90s", device="cpu")
        await pilot.pause()
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and not app.screen.running)
        request = app.screen.request
        assert (request.budget, request.device, request.probes) == (90.0, "cpu", False)
        assert request.against == str(sick)


async def test_what_stands_here_comes_first_and_enter_starts_it(root, monkeypatch, tmp_path):
    loop = "for x in data:\n    net(x).sum().backward()\n    step.step()\n"
    (tmp_path / "train.py").write_text(f"import torch\nnet = torch.nn.Linear(1, 1)\n{loop}")
    (tmp_path / "photos").symlink_to(root)
    monkeypatch.chdir(tmp_path)
    app = start()
    async with app.run_test(size=(100, 30)) as pilot:
        listed = app.screen.query_one("#projects")
        here = "here    photos/ (2 classes, 160 images: 40 train, 120 val) + train.py"
        await until(pilot, lambda: str(listed.get_option_at_index(0).prompt) == here)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        assert app.screen.request.config.endswith("train.py")
        await until(pilot, lambda: not app.screen.running)


@pytest.fixture
def slow_look(monkeypatch):
    """An event until which it isn't known what stands in the folder."""
    known = asyncio.Event()

    async def look(what, path):
        await known.wait()
        return await looked_at(what, path)

    monkeypatch.setattr("diagnose.tui.start.looked_at", look)
    return known


async def test_enter_before_it_is_known_what_stands_here_starts_it_too(root, monkeypatch, tmp_path, slow_look):
    (tmp_path / "photos").symlink_to(root)
    monkeypatch.chdir(tmp_path)
    app = start()
    async with app.run_test(size=(100, 30)) as pilot:
        listed = app.screen.query_one("#projects")
        assert "looking at this folder" in str(listed.get_option_at_index(0).prompt)
        await pilot.press("enter")
        slow_look.set()
        await finished(pilot)
        assert Path(app.screen.request.data).name == "photos"


async def test_where_nothing_stands_here_the_line_goes_and_enter_starts_no_other(monkeypatch, tmp_path, slow_look):
    monkeypatch.chdir(tmp_path)
    app = start()
    async with app.run_test(size=(100, 30)) as pilot:
        listed = app.screen.query_one("#projects")
        await pilot.press("enter")
        slow_look.set()
        await until(pilot, lambda: "looking" not in str(listed.get_option_at_index(0).prompt))
        await until(pilot, lambda: len(app._notifications) > 0)
        assert isinstance(app.screen, StartScreen)
