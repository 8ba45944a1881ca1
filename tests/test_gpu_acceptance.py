"""The measurement on a GPU: what becomes of sections that fail, and all of it at toy size on the CPU."""

import json
import queue
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks import gpu_acceptance
from benchmarks.gpu.report import Result, markdown, write_json
from benchmarks.gpu.setting import Setting, small
from benchmarks.gpu.worker import SECTIONS, plain

SCRIPT = Path(__file__).with_name("benchmarks") / "gpu_acceptance.py"
ROW = {"name": "probe loop", "value": 1234.5, "unit": "images/s", "goal": "> 1", "met": True, "note": "a | b"}


class Spoken:
    """A process that says what a list holds; "late" is a wait that was too long, None its end."""

    def __init__(self, *parcels):
        self.parcels, self.ended = list(parcels), False

    def hear(self, seconds):
        if (parcel := self.parcels.pop(0)) == "late":
            raise queue.Empty
        return parcel

    def end(self):
        self.ended = True
        return -9


def run(*parcels, sections=("speed", "parity")):
    results, worker = [Result(name) for name in sections], Spoken(*parcels)
    done = gpu_acceptance.run_sections(worker, results, float("inf"), 1.0, lambda: None)
    assert worker.ended
    return done, results


def test_sections_follow_each_other():
    done, (speed, parity) = run(
        {"begins": "speed"}, {"row": ROW}, {"ends": "speed", "why": ""}, {"begins": "parity"},
        {"ends": "parity", "why": ""},
    )  # fmt: skip
    assert done == 2
    assert (speed.rows, speed.why, parity.rows, parity.why) == ([ROW], "", [], "")


@pytest.mark.parametrize(
    ("parcels", "why"),
    [
        ([{"begins": "speed"}, {"row": ROW}, "late"], "ended after"),
        ([{"begins": "speed"}, {"row": ROW}, None], "exit status -9"),
        ([{"begins": "speed"}, {"row": ROW}, {"ends": "speed", "why": "RuntimeError: no"}], "RuntimeError: no"),
    ],
)
def test_a_section_that_fails_keeps_its_rows_and_leaves_the_rest_to_another_process(parcels, why):
    done, (speed, parity) = run(*parcels)
    assert done == 1
    assert speed.rows == [ROW]
    assert why in speed.why
    assert parity.why == "not run"


def test_a_process_that_never_begins_is_ended():
    done, (speed, _) = run("late")
    assert done == 1
    assert "before it began" in speed.why


def test_what_no_time_is_left_for_is_said():
    results = [Result("speed"), Result("parity")]
    gpu_acceptance.measure(results, "cuda", False, Path(), 0.0, sys.stderr, lambda: None)
    assert [one.why for one in results] == ["no time was left"] * 2


def test_every_section_has_a_limit():
    assert list(gpu_acceptance.LIMITS) == list(SECTIONS)
    assert gpu_acceptance.ALL < 480


def test_goals_are_judged_on_a_gpu_at_full_size_alone():
    full = Setting("cuda", Path())
    assert full.row("x", 1.0, met=True).met is True
    assert small(full).row("x", 1.0, met=True).met is None
    assert Setting("cpu", Path()).row("x", 1.0, met=False).met is None
    assert plain(full.row("x", float("inf")))["value"] == "inf"


def test_the_table_has_a_row_for_each_measurement_and_each_fault(tmp_path):
    results = [Result("speed", "", 3.0, [ROW]), Result("parity", "RuntimeError: x\ny", 2.0), Result("memory")]
    lines = markdown(results, 9.0).splitlines()
    assert lines[4] == "| speed | probe loop | 1,234 images/s | > 1 | yes | a / b |"
    assert lines[5] == "| parity | the section | failed |  |  | RuntimeError: x y |"
    assert lines[6] == "| memory | the section | not run |  |  | not run |"
    write_json(tmp_path / "told.json", results, {"quick": True}, 9.0)
    told = json.loads((tmp_path / "told.json").read_text())
    assert [one["done"] for one in told["sections"]] == [True, False, False]


def test_a_cpu_tries_the_code_alone(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["gpu_acceptance.py", "--out", str(tmp_path), "--device", "cpu"])
    with pytest.raises(SystemExit):
        gpu_acceptance.main()
    assert "--quick" in capsys.readouterr().err


@pytest.mark.slow
def test_every_section_runs_at_toy_size(tmp_path):
    words = [sys.executable, SCRIPT, "--out", str(tmp_path), "--device", "cpu", "--quick"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    told = json.loads((tmp_path / gpu_acceptance.JSON).read_text())
    faults = {one["section"]: one["why"] for one in told["sections"] if one["why"]}
    assert not faults, (faults, (tmp_path / gpu_acceptance.LOG).read_text()[-3000:])
    assert done.returncode == 0
    assert [one["section"] for one in told["sections"]] == list(SECTIONS)
    rows = {row["name"]: row for one in told["sections"] for row in one["rows"]}
    assert all(row["met"] is None for row in rows.values())
    assert "needs a CUDA device" in rows["CUDA graphs"]["note"]
    assert rows["probe loop / synthetic"]["value"] > 0
    assert "out of memory" in rows["session after memory ran out"]["note"]
    table = (tmp_path / gpu_acceptance.MARKDOWN).read_text()
    assert all(name in table for name in rows)
    assert table.strip() in done.stdout
