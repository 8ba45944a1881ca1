"""The Outlook tab: what explains the gap, and how much data is enough."""

from builders import attribution, curve, probe_run, probes
from textual.app import App
from textual_plotext import PlotextPlot

from diagnose.tui.outlook import OutlookPane


class Alone(App[None]):
    def compose(self):
        yield OutlookPane()


async def test_the_learning_curve_shows_once_it_is_measured():
    async with Alone().run_test(size=(120, 40)) as pilot:
        pane = pilot.app.query_one(OutlookPane)
        plot = pane.query_one(PlotextPlot)
        pane.show(probes(probe_run("configured")))
        assert not plot.has_class("-any")
        pane.show(probes(probe_run("configured"), curves=(curve(),), attribution=attribution(("weights", 0.1, 0.2))))
        await pilot.pause()
        assert plot.has_class("-any")
        assert any("What explains the gap" in strip.text for strip in pilot.app.screen._compositor.render_strips())
