"""What a report in a terminal offers to type next."""

from diagnose.model import CheckResult, Diagnosis, Evidence, Finding, Gap, Severity
from diagnose.report.closing import next_commands
from diagnose.report.subject import Subject


def diagnosed(*findings, gaps=()):
    result = CheckResult("N208", "train-val-differ", "failed" if findings else "passed", 0.0, findings=findings)
    return Diagnosis("0.1", "now", 1.0, Evidence(), (result,), tuple(gaps))


def finding(**more):
    return Finding(Severity.ERROR, "Images are prepared otherwise.", "Prepare both alike.", code="N208",
                   name="train-val-differ", **more)  # fmt: skip


def test_reasons_a_patch_and_the_rest():
    told = diagnosed(finding(changes={"scaling": "1/255"}), gaps=[Gap("P501", "--no-probes was given")])
    explain, fix, more = next_commands(told, Subject("my photos", "train.py"), verbose=False)
    assert explain.startswith("Next:    diagnose --explain N208 ")
    assert "diagnose 'my photos' train.py --fix " in fix
    assert "-v" in more


def test_only_what_helps():
    assert next_commands(diagnosed(), Subject("photos", None), verbose=True) == ()
    (explain,) = next_commands(diagnosed(finding(changes={"scaling": "1/255"})), Subject("photos", None), verbose=True)
    assert "--explain" in explain
    (explain,) = next_commands(diagnosed(finding()), Subject("photos", "train.py"), verbose=False)
    assert "--explain" in explain
