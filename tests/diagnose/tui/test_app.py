"""The TUI driven by its keys, over the real engine on small real images."""

import pkgutil
from importlib import import_module
from pathlib import Path

import pytest
from piloting import finished, opened, shown, until
from textual.widgets import DataTable, DirectoryTree, Input, OptionList, Static, TabbedContent

import diagnose.tui
from diagnose.engine import Request
from diagnose.tui.app import DiagnoseApp
from diagnose.tui.findings import Details, DetailScreen
from diagnose.tui.help import HelpScreen
from diagnose.tui.preferences import chosen_theme
from diagnose.tui.run import RunScreen
from diagnose.tui.start import StartScreen


@pytest.mark.parametrize("size", [(80, 24), (81, 24), (120, 40), (200, 60)])
async def test_a_run_ends_with_its_findings(root, sick, size):
    app = opened(root, sick)
    async with app.run_test(size=size) as pilot:
        await finished(pilot)
        assert app.screen.query_one(TabbedContent).active == "findings"
        assert "Do not start the full training run yet" in shown(app, "#verdict")
        listed = app.screen.query_one(OptionList)
        assert "C301" in str(listed.get_option_at_index(0).prompt)
        assert listed.option_count < 20  # findings alone
        assert str(app.screen.query_one(TabbedContent).get_tab("findings").label).startswith("1 Findings 2✗")
        await pilot.press("f")
        assert listed.option_count > 20  # with what passed and what was not examined
        assert app.screen.query_one(Details).display is (size[0] >= 100)


async def test_the_detail_beside_the_list_follows_the_cursor(root, sick):
    app = opened(root, sick)
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        details = app.screen.query_one(Details)
        first = str(details.query_one("#text", Static).render())
        await pilot.press("j")
        await pilot.pause()
        assert str(details.query_one("#text", Static).render()) != first
        await pilot.press("k", "up")
        await pilot.pause()


async def test_enter_opens_the_detail_where_the_screen_is_narrow(root, sick):
    app = opened(root, sick)
    async with app.run_test(size=(80, 24)) as pilot:
        await finished(pilot)
        await pilot.press("enter")
        assert isinstance(app.screen, DetailScreen)
        await pilot.press("escape")
        assert isinstance(app.screen, RunScreen)


async def test_tabs_by_number_and_the_counts_per_class(root):
    app = opened(root)
    async with app.run_test(size=(100, 30)) as pilot:
        await finished(pilot)
        await pilot.press("2")
        assert app.screen.query_one(TabbedContent).active == "data"
        table = app.screen.query_one(DataTable)
        rows = [[str(cell) for cell in table.get_row_at(number)] for number in range(table.row_count)]
        assert [row[:3] for row in rows] == [
            ["cat", "train", "20"], ["dog", "train", "20"], ["cat", "val", "60"], ["dog", "val", "60"],
        ]  # fmt: skip
        assert [len(row[3]) for row in rows] == [4, 4, 12, 12]  # bars
        await pilot.press("3")
        assert app.screen.query_one(TabbedContent).active == "probes"


async def test_help_tells_the_keys_of_the_screen(root):
    app = opened(root)
    async with app.run_test(size=(100, 40)) as pilot:
        await finished(pilot)
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("escape")
        assert isinstance(app.screen, RunScreen)


async def test_the_palette_offers_every_key_that_works_now(root, sick):
    app = opened(root, str(sick))
    async with app.run_test() as pilot:
        await finished(pilot)
        commands = {command.title: command.callback for command in app.get_system_commands(app.screen)}
        assert {
            "Run again",
            "What if a field had another value",
            "Show the next kind of checks",
            "Earlier runs",
            "Help",
        } <= set(commands)
        assert "Cancel the run and keep what is known" not in commands
        await commands["Show the images"]()
        assert app.screen.query_one(TabbedContent).active == "data"


@pytest.mark.parametrize("theme", ["textual-light", "high-contrast"])
async def test_a_theme_is_kept_for_the_next_session(root, theme, monkeypatch):
    app = opened(root)
    async with app.run_test(size=(100, 30)) as pilot:
        await finished(pilot)
        app.theme = theme
        await pilot.pause()
        assert app.current_theme.name == theme
    app = opened(root)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        assert app.current_theme.name == theme
        await finished(pilot)
    monkeypatch.setenv("NO_COLOR", "1")
    app = opened(root)
    async with app.run_test(size=(100, 30)) as pilot:
        assert app.current_theme.name == "high-contrast"
        await finished(pilot)
    assert chosen_theme() == theme


def with_keys():
    """Every class of the TUI that binds keys of its own."""
    modules = [import_module(f"diagnose.tui.{module.name}") for module in pkgutil.iter_modules(diagnose.tui.__path__)]
    return [
        each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and each.__module__ == module.__name__ and "BINDINGS" in vars(each)
    ]


def test_every_key_of_every_screen_has_a_name_of_its_own():
    assert {DiagnoseApp, RunScreen, StartScreen, HelpScreen, DetailScreen} < set(with_keys())
    names = [binding.id for each in with_keys() for binding in each.BINDINGS]
    assert None not in names
    assert len(names) == len(set(names))


async def test_the_trees_folders_and_files_fill_the_fields(image_folder, tmp_path, monkeypatch):
    root, sick = image_folder({"cat": 1}), tmp_path / "sick.yaml"
    sick.write_text("weights: none\n")
    monkeypatch.chdir(tmp_path)
    app = DiagnoseApp(Request(Path("."), probes=False), open_at_once=False)
    async with app.run_test(size=(100, 40)) as pilot:
        tree = app.screen.query_one(DirectoryTree)
        await until(pilot, lambda: len(tree.root.children) == 2)
        tree.focus()
        await pilot.press("j", "enter")
        await until(pilot, lambda: app.screen.query_one("#data", Input).value == str(root))
        tree.cursor_line = tree.last_line
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query_one("#config", Input).value == str(sick))


async def test_a_manifest_or_an_archive_is_taken_as_the_images(image_folder, monkeypatch):
    root = image_folder({"train/cat": 1, "val/cat": 1})
    (root / "list.csv").write_text("path,label\n")
    monkeypatch.chdir(root)
    app = DiagnoseApp(Request(Path("."), probes=False), open_at_once=False)
    async with app.run_test(size=(100, 40)) as pilot:
        tree = app.screen.query_one(DirectoryTree)
        tree.focus()
        await until(pilot, lambda: len(tree.root.children) == 3)
        tree.cursor_line = tree.last_line
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query_one("#data", Input).value == str(root / "list.csv"))
        assert app.screen.query_one("#config", Input).value == ""


async def test_nothing_chosen_is_said(root):
    app = DiagnoseApp(Request(Path(".")), open_at_once=False)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+s")
        assert isinstance(app.screen, StartScreen)


@pytest.mark.parametrize("fault", ["folder", "config"])
async def test_what_cannot_start_goes_back_to_the_picker_with_a_message(root, tmp_path, fault):
    app = opened(tmp_path / "gone") if fault == "folder" else opened(root, tmp_path / "gone.yaml")
    async with app.run_test() as pilot:
        await until(pilot, lambda: isinstance(app.screen, StartScreen) and len(app._notifications))
        (message,) = app._notifications
        assert "does not exist" in message.message


async def test_an_unforeseen_fault_is_a_message(root, monkeypatch):
    monkeypatch.setattr("diagnose.tui.driver.diagnose", lambda request, controls: 1 / 0)
    app = opened(root)
    async with app.run_test() as pilot:
        await finished(pilot)
        assert "ZeroDivisionError" in shown(app, "#verdict")


async def test_a_report_can_be_saved(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = opened(root)
    async with app.run_test() as pilot:
        await finished(pilot)
        await pilot.press("s", "enter")
        assert (tmp_path / "diagnose-report.html").read_text().startswith("<!DOCTYPE html>")
        await pilot.press("s", "down", "tab", *["backspace"] * 30, *"mine.txt", "enter")
        assert (tmp_path / "mine.txt").read_text().startswith("Verdict: ")
        await pilot.press("s", "down", "down", "down")
        assert app.screen.query_one(Input).value == "diagnose-report.json"
        await pilot.press("enter")
        assert '"schema_version": 2' in (tmp_path / "diagnose-report.json").read_text()


async def test_a_place_that_cannot_be_written_is_said(root, monkeypatch):
    def refuse(*_, **__):
        raise OSError(30, "Read-only file system")

    app = opened(root)
    async with app.run_test() as pilot:
        await finished(pilot)
        monkeypatch.setattr(Path, "write_text", refuse)
        await pilot.press("s", "enter")
        await until(pilot, lambda: bool(app._notifications))
        assert "Read-only" in next(iter(app._notifications)).message


async def test_a_small_terminal_is_told(root):
    app = opened(root)
    async with app.run_test(size=(50, 12)) as pilot:
        await finished(pilot)
        assert app.screen.query_one("#too-small").display
        assert not app.screen.query_one(TabbedContent).display


async def test_no_colour_is_respected(root, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = opened(root)
    async with app.run_test():
        assert app.theme == "high-contrast"


async def test_a_comparison_has_its_own_tab(root, sick, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text("method: transfer\nweights: imagenet\nlearning_rate: 0.01\n")
    app = opened(root, sick, against=str(other))
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await pilot.press("6")
        assert app.screen.query_one(TabbedContent).active == "compare"
        assert "They differ in nothing but weights, learning rate" in shown(app, "#compared")


async def test_without_a_comparison_there_is_no_such_tab(root, sick):
    app = opened(root, sick)
    async with app.run_test(size=(120, 40)) as pilot:
        await finished(pilot)
        await pilot.press("6")
        assert app.screen.query_one(TabbedContent).active == "findings"


async def test_a_program_alone_can_be_examined(tmp_path):
    path = tmp_path / "train.py"
    loop = "for x in data:\n    net(x).sum().backward()\n    step.step()\n"
    path.write_text(f"import torch\nnet = torch.nn.Linear(1, 1)\n{loop}")
    app = DiagnoseApp(Request(None, str(path)), open_at_once=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+s")
        await finished(pilot)
        assert "train.py" in shown(app, "#title")


async def test_the_configuration_shows_where_each_field_was_read(root, sick):
    app = opened(root, str(sick))
    async with app.run_test(size=(140, 40)) as pilot:
        await finished(pilot)
        await pilot.press("4")
        table = app.screen.query_one("ConfigurationPane DataTable", DataTable)
        rows = [[str(cell) for cell in table.get_row_at(number)] for number in range(table.row_count)]
        names = [row[1] for row in rows]
        assert rows[names.index("learning_rate")][1:] == ["learning_rate", "10", "3"]
        assert rows[names.index("weights")][0] == "✗"
        assert rows[names.index("epochs")][2].startswith("unknown: the config does not say")
        table.move_cursor(row=names.index("weights"))
        source = app.screen.query_one("ConfigurationPane VerticalScroll")
        await until(pilot, lambda: str(source.border_title).endswith("sick.yaml:2"))


async def test_without_a_configuration_there_is_no_such_tab(root):
    app = opened(root)
    async with app.run_test(size=(100, 30)) as pilot:
        await finished(pilot)
        await pilot.press("4")
        assert app.screen.query_one(TabbedContent).active == "findings"
