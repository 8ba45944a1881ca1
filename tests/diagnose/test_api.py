import subprocess
import sys
import threading

import pytest
from builders import probe_run, probes

import diagnose
from diagnose.events import Finished, Found, ProbesMeasured, ScanDone

PROBE = {"arch": "shufflenet_v2_x0_5", "weights": "none", "device": "cpu"}


@pytest.fixture
def root(image_folder):
    return image_folder({"train/cat": 20, "train/dog": 20, "val/cat": 60, "val/dog": 60})


@pytest.fixture
def sick(tmp_path):
    path = tmp_path / "sick.yaml"
    path.write_text("method: transfer\nweights: none\n")
    return path


def test_inspect_gives_the_diagnosis_without_training(root, sick):
    result = diagnose.inspect(root, sick, select=["C301", "P5"])
    assert [finding.code for finding in result.findings] == ["C301"]
    assert result.findings[0].severity is diagnose.Severity.ERROR
    assert result.evidence.measured is None
    assert result.evidence.data.images == 160


def test_a_run_gives_its_events_and_then_the_result(root, sick):
    run = diagnose.diagnose(root, sick, probes=False)
    events = list(run)
    assert isinstance(next(event for event in events if isinstance(event, ScanDone | Found | Finished)), ScanDone)
    assert isinstance(events[-1], Finished)
    assert run.diagnosis is events[-1].diagnosis
    assert list(run) == []


def test_every_format_renders(root, sick):
    result = diagnose.inspect(root, sick)
    for name in ("text", "json", "markdown", "html", "sarif", "junit"):
        assert "C301" in diagnose.render(result, name)
    assert "\x1b" not in diagnose.render(result)


def test_what_was_measured_is_there_when_a_run_is_stopped(root, child):
    child.messages = (ProbesMeasured(probes(probe_run("scratch"))), ProbesMeasured(probes(probe_run("pretrained"))))
    run = diagnose.diagnose(root, **PROBE)
    for event in run:
        if isinstance(event, ProbesMeasured):
            run.stop()
    assert run.diagnosis.interrupted
    assert run.diagnosis.evidence.probes.runs


@pytest.mark.slow
def test_what_was_really_measured_is_there_when_a_run_is_stopped(root):
    run = diagnose.diagnose(root, budget="2m", **PROBE)
    for event in run:
        if isinstance(event, ProbesMeasured) and event.probes.runs:
            run.stop()
    assert run.diagnosis.evidence.probes.runs[0].arm == "scratch"


def test_what_cannot_be_measured_says_why(image_folder, tmp_path, child):
    alone = image_folder({"cat": 9}, root=tmp_path / "alone")
    with pytest.raises(diagnose.NotExamined, match="a classifier needs two"):
        diagnose.probe(alone, budget=15, **PROBE)


def test_a_run_can_be_stopped(root):
    run = diagnose.diagnose(root, budget="10m", **PROBE)
    timer = threading.Timer(2, run.stop)
    timer.start()
    assert run.diagnosis.interrupted


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "Which images"),
        ({"data": "gone"}, "gone does not exist"),
        ({"data": ".", "against": "b.yaml"}, "against compares"),
        ({"data": ".", "device": "tpu"}, "device tpu"),
        ({"data": ".", "tune": True}, "--tune searches"),
        ({"data": ".", "budget": "soon"}, "budget soon"),
        ({"data": ".", "select": ["X9"]}, "No check is called 'X9'"),
    ],
)
def test_wrong_use_is_an_input_error(given, says):
    with pytest.raises(diagnose.InputError, match=says):
        _ = diagnose.diagnose(**given).diagnosis


def test_a_script_needs_no_guard_and_the_package_starts_light(root, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import sys, diagnose\n"
        "assert 'numpy' not in sys.modules and 'typer' not in sys.modules\n"
        f"print(diagnose.inspect({str(root)!r}).evidence.data.images)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (0, "160\n"), done.stderr


def test_all_that_is_public_is_there():
    assert all(getattr(diagnose, name) is not None for name in diagnose.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = diagnose.nothing
