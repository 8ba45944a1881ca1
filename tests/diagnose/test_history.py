import json
import os
import threading

import pytest

from diagnose import history
from diagnose.controls import Controls
from diagnose.engine import Request, diagnose
from diagnose.events import Finished


@pytest.fixture
def sick(tmp_path):
    path = tmp_path / "sick.yaml"
    path.write_text("weights: none\nmethod: transfer\nlearning_rate: 1000\n")
    return path


def kept(request, stop=None):
    """A run, written down from its beginning to its end."""
    record = history.begin(request)
    (last,) = [event for event in diagnose(request, Controls(stop)) if isinstance(event, Finished)]
    history.finish(record, last.diagnosis)
    return record


def test_a_run_is_known_with_its_project_and_verdict(sick, monkeypatch):
    monkeypatch.chdir(sick.parent)
    kept(Request(None, "sick.yaml"))
    (run,) = history.runs()
    assert run.project == (None, str(sick))
    assert not run.cut_short
    assert run.verdict.startswith("Do not start the full training run yet")
    assert run.counts.startswith("1 ✗")


def test_one_that_was_stopped_or_killed_is_cut_short(sick):
    stop = threading.Event()
    stop.set()
    kept(Request(None, str(sick)), stop)
    (run,) = history.runs()
    assert run.state == history.INTERRUPTED
    record = history.begin(Request(None, str(sick)))
    assert len(history.runs()) == 1  # under way, by this process
    stored = json.loads(record.read_text())
    record.write_text(json.dumps({**stored, "process": 2**22 + 1}))  # beyond Linux's largest process number
    assert [run.state for run in history.runs()].count(history.RUNNING) == 1


def test_the_latest_of_each_project(sick, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text("weights: imagenet\n")
    for path in (sick, other, sick):
        kept(Request(None, str(path)))
    assert len(history.runs()) == 3
    assert {run.config for run in history.latest(history.runs())} == {str(sick), str(other)}


def test_what_changed_between_two_runs(sick):
    first = kept(Request(None, str(sick)))
    sick.write_text("weights: imagenet\nmethod: transfer\nlearning_rate: 1000\n")
    second = kept(Request(None, str(sick)))
    runs = {run.path: run for run in history.runs()}
    changed = history.difference(runs[first], runs[second])
    assert [code for code, *_ in changed.gone] == ["C301"]
    assert changed.new == ()
    assert changed.same == 1
    assert changed.settings == (("weights", '"none"', '"imagenet"'),)
    assert changed.gap == (None, None)


def test_what_could_not_start_is_forgotten(sick):
    history.forget(history.begin(Request(None, str(sick))))
    assert history.runs() == []


def test_broken_records_are_left_out(sick):
    record = kept(Request(None, str(sick)))
    for number, text in enumerate(("", "{", "[]", '{"state": "finished"}', "\x00")):
        record.with_name(f"{number}.json").write_text(text)
    assert len(history.runs()) == 1


def test_only_the_last_hundred_are_kept(sick, monkeypatch):
    monkeypatch.setattr(history, "MOST", 3)
    for number in range(5):
        os.utime(history.begin(Request(None, str(sick))), (number, number))
    assert len(list((history.cache_folder() / history.FOLDER).glob("*.json"))) == 3


def test_where_nothing_can_be_written_the_run_goes_on(sick, monkeypatch):
    monkeypatch.setattr(history, "cache_folder", lambda: sick / "no" / "folder")
    assert history.begin(Request(None, str(sick))) is None
    assert history.runs() == []


def test_a_command_line_is_kept_so_that_it_works_from_any_folder(tmp_path, monkeypatch):
    (tmp_path / "train.py").write_text("")
    monkeypatch.chdir(tmp_path)
    stored = json.loads(history.begin(Request(None, "train.py --lr 3")).read_text())
    assert stored["config"] == f"{tmp_path / 'train.py'} --lr 3"
