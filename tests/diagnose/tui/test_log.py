"""The Log tab: the curves of earlier runs."""

from builders import history, logged
from piloting import finished, opened
from textual.app import App
from textual.widgets import Static
from textual_plotext import PlotextPlot

from diagnose.model import Unread
from diagnose.tui.log import LogPane


class Alone(App[None]):
    def compose(self):
        yield LogPane()


async def test_the_curves_that_are_logged_are_drawn():
    async with Alone().run_test(size=(120, 40)) as pilot:
        pane = pilot.app.query_one(LogPane)
        pane.show(history(logged(train_loss=[2.0, 1.0, 0.5], val_loss=[2.0, 1.5, 1.4])))
        await pilot.pause()
        assert pane.query_one("#logged-loss", PlotextPlot).has_class("-any")
        assert not pane.query_one("#logged-rate", PlotextPlot).has_class("-any")
        assert "3 epochs" in str(pane.query_one("#log-runs", Static).content)


async def test_an_unread_log_says_why():
    async with Alone().run_test(size=(120, 40)) as pilot:
        pane = pilot.app.query_one(LogPane)
        pane.show(history(unread=(Unread("log.bin", "it isn't text"),)))
        assert "log.bin: it isn't text" in str(pane.query_one("#log-runs", Static).content)


async def test_the_tab_is_there_with_a_log_alone(tmp_path):
    log = tmp_path / "history.csv"
    log.write_text("epoch,loss\n0,2.0\n1,nan\n2,nan\n")
    app = opened(None, log=str(log))
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await pilot.press("7")
        await pilot.pause()
        assert app.screen.query_one("TabbedContent").active == "log"
        assert any("history.csv (table)" in strip.text for strip in app.screen._compositor.render_strips())
        assert [finding.code for finding in app.screen.diagnosis.findings] == ["L801"]
