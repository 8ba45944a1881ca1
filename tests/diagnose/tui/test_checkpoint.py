"""The Checkpoint tab: the printed report of a checkpoint."""

from dataclasses import replace

from builders import character, checkpoint, restored
from textual.app import App
from textual.widgets import Static

from diagnose.model import Diagnosis, Evidence
from diagnose.tui.checkpoint import CheckpointPane


class Alone(App[None]):
    def compose(self):
        yield CheckpointPane()


async def test_the_pane_shows_the_checkpoint_once_it_was_examined():
    async with Alone().run_test(size=(100, 40)) as pilot:
        pane = pilot.app.query_one(CheckpointPane)
        shown = pane.query_one("#autopsy", Static)
        empty = Diagnosis("1", "now", 1.0, Evidence(), (), ())
        pane.show(empty)
        await pilot.pause()
        assert "Comes with the findings" in str(shown.render())
        found = checkpoint(0.31, restored=restored(), character=character())
        pane.show(replace(empty, evidence=Evidence(autopsy=found)))
        await pilot.pause()
        for words in ("resnet18 (named by the tensors", "RGB in place of BGR", "The model at its best"):
            assert words in str(shown.render())
