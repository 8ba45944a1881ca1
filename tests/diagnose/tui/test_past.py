import json

from piloting import finished, looked, opened, shown, until
from textual.widgets import DataTable

from diagnose import history
from diagnose.engine import Request
from diagnose.tui.app import DiagnoseApp
from diagnose.tui.past import PastScreen, ReportScreen
from diagnose.tui.run import RunScreen
from diagnose.tui.start import StartScreen


async def test_earlier_runs_and_what_changed_between_them(root, sick, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    for text in (sick.read_text(), "method: transfer\nweights: imagenet\nlearning_rate: 0.01\n"):
        sick.write_text(text)
        app = opened(root, str(sick))
        async with app.run_test(size=(120, 40)) as pilot:
            await finished(pilot)
    app = DiagnoseApp(Request(None, probes=False), open_at_once=False)
    async with app.run_test(size=(120, 40)) as pilot:
        assert isinstance(app.screen, StartScreen)
        assert (await looked(pilot)).startswith("recent  images + sick.yaml")
        await pilot.press("h")
        assert isinstance(app.screen, PastScreen)
        assert app.screen.query_one(DataTable).row_count == 2
        told = shown(app, "#changed")
        assert told
        await pilot.press("j", "space", "k")
        await pilot.pause()
        assert str(app.screen.query_one(DataTable).get_row_at(1)[0]) == "●"
        await pilot.press("enter")
        assert isinstance(app.screen, ReportScreen)
        assert "Verdict: Do not start" not in shown(app, "#report")  # the later run had other settings
        assert "Verdict: " in shown(app, "#report")
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        await finished(pilot)
        assert shown(app, "#title").startswith("images/ (2 classes, 160 images) + sick.yaml")


async def test_without_runs_it_says_so():
    app = DiagnoseApp(Request(None, probes=False), open_at_once=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("h")
        assert "No run was kept yet" in shown(app, "#changed")
        await pilot.press("enter", "space", "j", "k")
        await pilot.press("escape")
        assert isinstance(app.screen, StartScreen)


async def test_what_was_cut_short_comes_first_and_goes_on(root, sick, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    app = opened(root, str(sick))
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
    record = history.begin(Request(root, str(sick), seed=1))
    told = json.loads(record.read_text())
    record.write_text(json.dumps({**told, "process": 2**22 + 1}))  # beyond Linux's largest process number
    app = DiagnoseApp(Request(None, probes=False), open_at_once=False)
    async with app.run_test(size=(120, 40)) as pilot:
        assert (await looked(pilot)).startswith("resume  images + sick.yaml")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        await finished(pilot)


async def test_a_sample_is_one_key_away(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = DiagnoseApp(Request(None, probes=False), open_at_once=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await looked(pilot)
        await pilot.press("j", "k", "enter")
        await finished(pilot)
        assert "five_images.yaml" in shown(app, "#title")
