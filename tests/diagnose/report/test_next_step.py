import shlex
from dataclasses import replace

import pytest
from builders import checkpoint, config, dataset, probe_run, probes, ran

from diagnose.model import CheckResult, Diagnosis, Evidence, Finding, Gap, Program, Severity
from diagnose.report.next_step import next_step
from diagnose.report.subject import Subject

FOUND = Finding(Severity.ERROR, "It is so.", "Fix it.", code="C302", changes={"learning_rate": 0.1})
READ = Evidence(dataset(), config(), code=Program("pytorch"))
RUN = replace(READ, ran=ran())
MEASURED = replace(RUN, measured=probes(probe_run()))


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "my train.py"
    path.write_text("")
    return str(path)


def words(evidence, subject, *found, **more):
    result = CheckResult("C302", "rate", "failed", 0.1, findings=found)
    step = next_step(Diagnosis("1", "now", 1.0, evidence, (result,), more.pop("gaps", ()), **more), subject)
    return shlex.split(step.command)[1:] if step else None


def test_a_program_that_was_only_read_is_to_be_run(program):
    assert words(READ, Subject("my photos", program), FOUND) == [
        "my photos", program, "--run", "--report", "--format", "json"
    ]  # fmt: skip


def test_a_configuration_is_not_to_be_run():
    assert words(replace(READ, code=None), Subject(None, "a.yaml"), FOUND) == ["a.yaml", "--fix"]


def test_then_what_can_be_fixed_is_fixed_and_measured_on_images(program):
    assert words(RUN, Subject("photos", program), FOUND) == ["photos", program, "--fix", "--verify"]
    assert words(RUN, Subject(None, program), FOUND) == [program, "--fix"]


def test_then_probes_measure_unless_they_failed(program):
    assert words(RUN, Subject("photos", program)) == ["photos", program, "--run", "--report", "--format", "json"]
    assert words(RUN, Subject(None, program)) is None
    assert words(RUN, Subject("photos", program), gaps=(Gap("probes", "out of memory", failed=True),)) is None
    assert words(MEASURED, Subject("photos", program)) is None


def test_behind_a_checkpoint_stands_a_training(program):
    examined = replace(READ, autopsy=checkpoint(0.3))
    again = ["photos", program, "--checkpoint", "best.pth", "--run", "--report", "--format", "json"]
    assert words(examined, Subject("photos", program)) == again
    seen = replace(READ, autopsy=checkpoint(0.3, named_by="the run"))
    assert words(seen, Subject("photos", program)) == ["photos", program, "--report", "--format", "json"]
    assert words(examined, Subject("photos")) is None


def test_what_was_interrupted_is_to_be_finished(program):
    assert words(READ, Subject("photos", program), interrupted=True) == [
        "photos", program, "--report", "--format", "json"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "subject", [Subject(), Subject(None, "-"), Subject("-", "a.py"), Subject("photos", "a.py --token abc")]
)
def test_what_has_no_name_or_a_secret_in_it_gets_no_command(subject):
    assert words(READ, subject, FOUND) is None
