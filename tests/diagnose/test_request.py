"""The options in one place: what is built from them, and what has to agree with them."""

import inspect
from dataclasses import fields

import pytest
import typer

from diagnose import api, settings
from diagnose.command import app
from diagnose.mcp.tools import Tools
from diagnose.options import OPTIONS
from diagnose.request import BUDGET, Request, options_of, seconds, words_of

ASKED = options_of(Request)
# Where the interface for Python says None and works it out: arch also names a checkpoint's, budget depends on tune.
WORKED_OUT = ("arch", "budget")


def test_the_interface_for_python_has_each_option_of_a_request_with_its_default():
    parameters = inspect.signature(api.diagnose).parameters
    keys = {option.key.replace("-", "_"): option for option in ASKED.values()}
    assert set(parameters) == set(keys)
    for name, parameter in parameters.items():
        assert parameter.default == (None if name in WORKED_OUT else keys[name].default), name


def test_what_is_given_in_python_arrives_in_the_request(tmp_path):
    run = api.diagnose(
        tmp_path, tmp_path / "train.py", set=iter(["head=2"]), log=tmp_path / "log", budget="90s", resume=False,
        arch="resnet18", label_pattern="{label}/*", select=["C301"],
    )  # fmt: skip
    asked = run.request
    assert (asked.data, asked.config, asked.log) == (tmp_path, f"{tmp_path}/train.py", f"{tmp_path}/log")
    assert (asked.settings, asked.select, asked.ignore) == (("head=2",), ("C301",), ())
    assert (asked.budget, asked.cache, asked.label_pattern) == (90.0, False, "{label}/*")
    assert (asked.arch, asked.checkpoint_arch, asked.weights) == ("resnet18", "resnet18", "auto")
    plain = api.diagnose(tmp_path).request
    assert plain == Request(data=tmp_path)
    assert api.diagnose(tmp_path, tmp_path / "c.yaml", tune=True).request.budget == seconds("10m")


@pytest.mark.parametrize("tool", ["probe", "autopsy", "compare", "read_log", "run", "inspect"])
def test_the_tools_for_assistants_name_what_they_share_as_the_options_do(tool):
    others = {"self", "ctx", "execute", "program", "other"}  # program: --config; other: --against
    parameters = inspect.signature(inspect.unwrap(getattr(Tools, tool))).parameters
    assert set(parameters) - others <= set(ASKED)
    if tool == "probe":
        assert parameters["budget"].default == BUDGET


def test_the_command_takes_every_option_by_its_flag():
    command = typer.main.get_command(app)
    flags = {flag for parameter in command.params for flag in (*parameter.opts, *parameter.secondary_opts)}
    bare = {name for name, option in OPTIONS.items() if option.bare}
    assert {f"--{option.key}" for name, option in OPTIONS.items() if name not in bare} | bare <= flags
    assert [parameter.name for parameter in command.params][: len(OPTIONS)] == list(OPTIONS)


def test_every_field_that_is_typed_has_help():
    assert [name for name, option in OPTIONS.items() if option.help[-1] not in ".?"] == []
    assert {one.name for one in fields(Request)} - set(ASKED) == {"checkpoint_arch", "own_code", "against_settings"}


def test_what_runs_code_or_writes_is_no_setting():
    typed_only = {"model", "output", "fix", "apply", "run", "checkpoint", "ray", "mcp"}
    assert typed_only <= {option.key for option in OPTIONS.values()}
    assert typed_only.isdisjoint(settings.KEYS)


def test_codes_may_stand_in_one_word():
    assert words_of(["C301,D1", "P5 P6"]) == ("C301", "D1", "P5", "P6")
