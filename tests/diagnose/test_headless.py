"""The command with a search whose answer is known: what goes to stdout, to stderr and into the files."""

import json
import sys
from dataclasses import replace

import pytest
from builders import gained, tuning
from typer.testing import CliRunner

from diagnose.command import app
from diagnose.events import Tuned
from diagnose.model import TunedChange
from diagnose.probing.job import Failed

RATE = TunedChange("learning rate", "1000", "0.012", (("learning_rate", 0.012),))
BETTER = replace(tuning(RATE), gain=gained(0.031, 0.093), start=0.6, reached=0.66)
CONFIG = "optimizer: sgd\nlearning_rate: 1000\nbatch_size: 32\n"


@pytest.fixture
def tuned(image_folder, tmp_path, child, monkeypatch):
    """A function that runs the command with --tune and a probe process that says these messages."""
    root = image_folder({"train/cat": 6, "train/dog": 6, "val/cat": 4, "val/dog": 4})
    (tmp_path / "c.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)

    def run(*messages, options=()):
        child.messages = messages
        return CliRunner().invoke(app, [str(root), "--config", "c.yaml", "--tune", "--fail-on", "never", *options])

    return run


def test_the_patch_alone_goes_to_stdout_and_the_sentence_to_stderr(tuned, tmp_path):
    done = tuned(Tuned(BETTER), options=("--output", "report.json"))
    assert done.stdout.splitlines() == [
        "--- a/c.yaml", "+++ b/c.yaml", "@@ -1,3 +1,3 @@", " optimizer: sgd", "-learning_rate: 1000",
        "+learning_rate: 0.012", " batch_size: 32",
    ]  # fmt: skip
    assert "learning rate 1000 → 0.012 gains +6.2 [+3.1, +9.3] points over yours" in done.stderr
    assert (tmp_path / "c.yaml").read_text() == CONFIG
    assert json.loads((tmp_path / "report.json").read_text())["tuning"]["better"] is True


def test_apply_writes_it_and_keeps_the_old_file(tuned, tmp_path):
    done = tuned(Tuned(BETTER), options=("--apply",))
    assert "+learning_rate: 0.012" in done.stdout
    assert (tmp_path / "c.yaml").read_text() == CONFIG.replace("1000", "0.012")
    assert (tmp_path / "c.yaml.orig").read_text() == CONFIG


def test_nothing_better_is_an_answer_without_a_patch(tuned):
    done = tuned(Tuned(replace(BETTER, gain=gained(-0.01, 0.05))))
    assert (done.exit_code, done.stdout) == (0, "")
    assert "Nothing better was found" in done.stderr


def test_a_search_that_could_not_begin_says_why_and_exits_3(tuned):
    done = tuned(Failed("a budget of 2 s is too short", part="tuning"))
    assert (done.exit_code, done.stdout) == (3, "")
    assert "Nothing was tuned: a budget of 2 s is too short." in done.stderr


@pytest.mark.parametrize(("options", "seconds"), [((), 600), (("--budget", "20m"), 1200)])
def test_its_budget_is_longer_than_that_of_probes_unless_one_is_given(tuned, child, options, seconds):
    tuned(Tuned(BETTER), options=options)
    assert seconds / 2 <= child.job.seconds <= seconds


def test_the_language_server_says_what_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "pygls", None)
    done = CliRunner().invoke(app, ["--lsp"])
    assert "pip install 'diagnose-training[lsp]'" in str(done.exception)
