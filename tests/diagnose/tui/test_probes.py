import dataclasses
import threading

import pytest
from builders import attribution, frozen, probe_run, probes
from piloting import finished, opened, shown, until
from textual.widgets import TabbedContent

from diagnose.controls import CAN_HOLD
from diagnose.events import Finished, ProbesMeasured, ProbesPlanned, ProbeStarted, ProbeStep, Working


class Probing:
    """An engine whose probes step until they are stopped; it keeps the controls that it was given."""

    def __init__(self, replay):
        self._replay, self.controls = replay, None

    def __call__(self, request, controls):
        self.controls = controls
        *before, last = self._replay(dataclasses.replace(request, probes=False), controls)
        yield from before
        measured = probes(probe_run("scratch"), attribution=attribution(("weights", 0.1, 0.3)))
        yield ProbesPlanned(("scratch × 2", "pretrained × 2"), 90.0)
        yield ProbeStarted("scratch", 0, "resnet50", "random", 40)
        yield ProbeStep("scratch", 0, 0, 2.5)
        yield ProbesMeasured(measured)
        yield ProbeStarted("pretrained", 0, "resnet50", "ImageNet", 40)
        yield ProbeStep("pretrained", 0, 0, 2.0)
        controls.stop.wait()
        evidence = dataclasses.replace(last.diagnosis.evidence, measured=measured)
        yield Finished(dataclasses.replace(last.diagnosis, evidence=evidence, interrupted=True))


@pytest.fixture
def engine(monkeypatch, replay):
    engine = Probing(replay)
    monkeypatch.setattr("diagnose.tui.driver.diagnose", engine)
    return engine


async def test_a_probe_shows_its_step_and_the_plan_what_is_left(root, engine):
    app = opened(root, probes=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: shown(app, "#now") == "Now: pretrained, resnet50, seed 0, step 1 of 40")
        assert app.screen.query_one(TabbedContent).active == "findings"  # nothing moves the reader
        assert "Probing: pretrained" in shown(app, "#clock")
        assert "2 probes: scratch × 2; pretrained × 2" in shown(app, "#plan")
        await pilot.press("c")
        await finished(pilot)
        assert "Stopped before the end" in shown(app, "#verdict")
        assert app.screen.query_one(TabbedContent).active == "findings"


@pytest.mark.skipif(not CAN_HOLD, reason="this system cannot hold a process")
async def test_held_probes_say_so_until_they_go_on(root, engine):
    app = opened(root, probes=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "Now: " in shown(app, "#now"))
        await pilot.press("p")
        assert engine.controls.held
        assert shown(app, "#now").startswith("Held")
        await pilot.press("p")
        assert not engine.controls.held
        await until(pilot, lambda: "Now: " in shown(app, "#now"))
        await pilot.press("c")
        await finished(pilot)


async def test_a_minute_more_is_asked_for_and_said(root, engine):
    app = opened(root, probes=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "Now: " in shown(app, "#now"))
        await pilot.press("plus")
        assert engine.controls.take_more() == 60.0
        assert "60 seconds more" in next(iter(app._notifications)).message
        await pilot.press("c")
        await finished(pilot)


async def test_quitting_ends_the_run(root, engine):
    app = opened(root, probes=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "Now: " in shown(app, "#now"))
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
    assert engine.controls.stop.is_set()


class Answering:
    """An engine that decodes and embeds images, gives the first answer, and times an architecture."""

    def __init__(self, replay):
        self._replay, self.go_on = replay, [threading.Event() for _ in range(2)]

    def __call__(self, request, controls):
        *before, last = self._replay(dataclasses.replace(request, probes=False), controls)
        yield from before
        yield ProbeStarted("frozen features of 128 images", 0, "efficientnet_lite0", "", 1)
        yield Working("decoding images", 64, 128)
        self.go_on[0].wait(60)
        measured = probes(frozen=frozen(), notes=("a budget of 9 s is too short for any training here",))
        yield ProbesMeasured(measured)
        yield Working("timing resnet50", 2, 4)
        self.go_on[1].wait(60)
        evidence = dataclasses.replace(last.diagnosis.evidence, measured=measured)
        yield Finished(dataclasses.replace(last.diagnosis, evidence=evidence))


async def test_work_before_the_plan_and_the_first_answer_are_shown_with_the_time(root, monkeypatch, replay):
    engine = Answering(replay)
    monkeypatch.setattr("diagnose.tui.driver.diagnose", engine)
    app = opened(root, probes=True, budget=180.0)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: shown(app, "#now") == "Now: decoding images, 64 of 128")
        await until(pilot, lambda: " of about 3:00, " in shown(app, "#plan"))
        assert shown(app, "#plan").endswith(" left")
        engine.go_on[0].set()
        await until(pilot, lambda: shown(app, "#now") == "Now: timing resnet50, 2 of 4")
        await until(pilot, lambda: "Frozen features: 71.0%" in shown(app, "#answer"))
        engine.go_on[1].set()
        await finished(pilot)
        assert shown(app, "#plan") == ""
        assert shown(app, "#now") == "No training was finished: a budget of 9 s is too short for any training here."
        assert "Frozen features: 71.0%" in shown(app, "#answer")


async def test_what_is_not_trained_has_no_steps(root, monkeypatch, replay):
    def engine(request, controls):
        *before, last = replay(dataclasses.replace(request, probes=False), controls)
        yield from before
        yield ProbeStarted("frozen features of 128 images", 0, "efficientnet_lite0", "", 1)
        controls.stop.wait(60)
        yield last

    monkeypatch.setattr("diagnose.tui.driver.diagnose", engine)
    app = opened(root, probes=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: shown(app, "#now") == "Now: frozen features of 128 images, efficientnet_lite0")
        await pilot.press("c")
        await finished(pilot)
