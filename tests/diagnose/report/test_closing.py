"""What a report in a terminal offers to type next."""

from dataclasses import replace

from builders import probe_run, probes

from diagnose.model import CheckResult, Diagnosis, Evidence, Finding, Gap, Severity
from diagnose.report.closing import examined_line, next_commands


def diagnosed(*findings, gaps=()):
    result = CheckResult("N208", "train-val-differ", "failed" if findings else "passed", 0.0, findings=findings)
    return Diagnosis("0.1", "now", 1.0, Evidence(), (result,), tuple(gaps))


def finding(**more):
    return Finding(Severity.ERROR, "Images are prepared otherwise.", "Prepare both alike.", code="N208",
                   name="train-val-differ", **more)  # fmt: skip


def test_what_was_examined():
    told = examined_line(replace(diagnosed(), started="2026-11-28T05:13:10+00:00", seconds=4.26), "photos", "train.py")
    assert told == "Examined: photos + train.py, 2026-11-28 05:13, 4.3 s"
    with_probes = replace(diagnosed(), evidence=Evidence(measured=probes(probe_run("scratch", device="cpu"))))
    assert examined_line(with_probes, None, "train.py") == "Examined: train.py, now, 1.0 s, probes on cpu"


def test_reasons_a_patch_and_the_rest():
    told = diagnosed(finding(changes={"scaling": "1/255"}), gaps=[Gap("P501", "--no-probes was given")])
    explain, fix, more = next_commands(told, "my photos", "train.py", verbose=False)
    assert explain.startswith("Next:    diagnose --explain N208 ")
    assert "diagnose 'my photos' train.py --fix " in fix
    assert "-v" in more


def test_only_what_helps():
    assert next_commands(diagnosed(), "photos", None, verbose=True) == ()
    (explain,) = next_commands(diagnosed(finding(changes={"scaling": "1/255"})), "photos", None, verbose=True)
    assert "--explain" in explain
    (explain,) = next_commands(diagnosed(finding()), "photos", "train.py", verbose=False)
    assert "--explain" in explain
