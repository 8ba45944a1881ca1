"""What a report says it is about."""

from builders import probe_run, probes

from diagnose.model import Diagnosis, Evidence
from diagnose.report.subject import Subject, examined_line


def diagnosed(started="now", seconds=1.0, **evidence):
    return Diagnosis("0.1", started, seconds, Evidence(**evidence), (), ())


def test_what_was_examined():
    line = examined_line(diagnosed("2026-11-28T05:13:10+00:00", 4.26), Subject("photos", "train.py"))
    assert line == "Examined: photos + train.py, 2026-11-28 05:13, 4.3 s"
    with_probes = diagnosed(measured=probes(probe_run("scratch", device="cpu")))
    assert examined_line(with_probes, Subject(None, "train.py")) == "Examined: train.py, now, 1.0 s, probes on cpu"


def test_what_is_not_known_is_left_out():
    assert examined_line(diagnosed(), Subject()) == "Examined: now, 1.0 s"
    assert Subject("a\x1b[31m").name == "a\\x1b[31m"
