"""The Run tab, and R, which asks before it runs a person's program."""

import numpy as np
from builders import ran
from piloting import finished, opened, until
from textual.app import App
from textual.widgets import Static

from diagnose.running.sight import pictures
from diagnose.tui.miniature import MiniaturePane, RunItScreen
from diagnose.tui.start import StartScreen

PROGRAM = """\
import torch

net = torch.nn.Linear(4, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(3):
    loss = torch.nn.functional.cross_entropy(net(torch.rand(4, 4)), torch.tensor([0, 1, 0, 1]))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


class Alone(App[None]):
    def compose(self):
        yield MiniaturePane("train.py")


async def test_the_invitation_gives_way_to_what_was_seen():
    async with Alone().run_test(size=(120, 40)) as pilot:
        pane = pilot.app.query_one(MiniaturePane)
        assert "R runs train.py" in str(pane.query_one("#run-line", Static).content)
        given = tuple(pictures(np.random.default_rng(0).normal(size=(2, 3, 16, 16)), np.array([0, 1])))
        pane.show(ran(pictures=given))
        await pilot.pause()
        assert "13 training steps" in str(pane.query_one("#run-line", Static).content)
        assert "learning rate 0.1" in str(pane.query_one("#run-rows", Static).content)
        assert len(pane.query("ContactSheet Vertical")) == 2


async def test_r_asks_and_escape_leaves_it(tmp_path):
    program = tmp_path / "train.py"
    program.write_text(PROGRAM)
    app = opened(None, config=str(program))
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await pilot.press("R")
        assert isinstance(app.screen, RunItScreen)
        await pilot.press("escape")
        assert not isinstance(app.screen, RunItScreen)


async def test_r_and_enter_run_the_program_and_show_how_it_ended(tmp_path):
    program = tmp_path / "train.py"
    program.write_text(PROGRAM)
    app = opened(None, config=str(program))
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await pilot.press("R")
        await pilot.press("enter")
        await finished(pilot)
        assert app.screen.query_one("TabbedContent").active == "run"
        line = str(app.screen.query_one("#run-line", Static).content)
        assert "3 training steps" in line
        assert "came to its end" in line


async def test_a_program_that_cannot_be_read_is_offered_to_be_run(tmp_path):
    program = tmp_path / "train.py"
    program.write_text("print('no training')\n")
    app = opened(None, config=str(program))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, RunItScreen))
        shown = str(app.screen.query_one(Static).content)
        assert "no training" in shown
        await pilot.press("escape")
        assert isinstance(app.screen, StartScreen)
