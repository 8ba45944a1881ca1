import json
from dataclasses import replace

import pytest
from builders import comparison, config, gained, history, logged, probe_run, probes, restored, tuning

from diagnose.model import (
    Checkpoint,
    CheckResult,
    Contrast,
    Diagnosis,
    Difference,
    Evidence,
    Finding,
    Gap,
    Location,
    Setting,
    Severity,
)
from diagnose.report.json1 import render_json1


@pytest.fixture(scope="module")
def told():
    places = {"at": Location("a.py", 1)}
    found = Finding(Severity.ERROR, "It is so.", "Fix it.", places, location=Location("c.ipynb", 3, 2), code="D101")
    evidence = Evidence(
        None,
        replace(config(learning_rate=0.1), head=Setting(2, True, "a.py", 1, observed=True)),
        probes(probe_run(), comparison=comparison(0.1, 0.2)),
        past=history(logged(train_loss=[2.0, 1.0])),
        autopsy=Checkpoint("best.pth", restored=restored()),
    )
    results = (
        CheckResult("D101", "a-fault", "failed", 0.1, findings=(found,)),
        CheckResult("D102", "other", "skipped", 0.1, "no images"),
    )
    against = Contrast("a", "b", (Difference("weights", "none", "imagenet", "much", Location("a.py", 1)),), True)
    gaps = (Gap("P501", "why", failed=True),)
    diagnosis = Diagnosis(
        "1", "now", 1.0, evidence, results, gaps, contrast=against, tuning=tuning(gain=gained(0.03, 0.09))
    )
    return json.loads(render_json1(diagnosis))


def test_it_is_version_1_without_what_version_2_adds(told):
    assert told["schema_version"] == 1
    assert "next" not in told
    assert told["not_examined"] == [{"code": "P501", "why": "why"}]


def test_intervals_are_pairs_where_they_were(told):
    assert told["comparison"]["interval"] == [0.1, 0.2]
    assert told["tuning"]["interval"] == [0.03, 0.09]
    assert isinstance(told["probes"][0]["interval"], list)
    assert set(told["checkpoint"]["restored"]["interval"]) == {"low", "high"}


def test_what_says_nothing_is_left_out_where_it_was(told):
    assert told["config"]["learning_rate"] == {"value": 0.1, "file": "config.yaml", "line": 1, "known": True}
    assert told["config"]["head"] == {"value": 2, "known": True, "file": "a.py", "line": 1, "observed": True}
    assert told["config"]["epochs"]["why"] == "the config does not say `epochs`"
    assert [set(check) - {"code", "name", "state", "seconds"} for check in told["checks"]] == [set(), {"why"}]


def test_a_location_names_a_cell_only_in_a_notebook(told):
    assert told["findings"][0]["location"] == {"file": "c.ipynb", "line": 3, "cell": 2}
    assert told["findings"][0]["measured"]["at"] == {"file": "a.py", "line": 1}
    assert told["against"]["differences"][0]["this_at"] == {"file": "a.py", "line": 1}
