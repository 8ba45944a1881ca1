import json

from builders import ERROR

from diagnose.mcp.answers import LONGEST, MOST, answer, shortened
from diagnose.model import CheckResult, Diagnosis, Evidence, Finding, Gap, Location
from diagnose.report.subject import Subject


def fault(number, **more):
    values = {"code": "C310", "name": "a-fault", "fingerprint": f"{number:016}", **more}
    return Finding(ERROR, f"Fault {number}.", "Fix it.", **values)


def diagnosis(*found, gaps=()):
    result = CheckResult("C310", "a-fault", "failed" if found else "passed", 0.001, findings=found)
    return Diagnosis("0.1.0", "2026-01-01T00:00:00+00:00", 1.5, Evidence(), (result,), tuple(gaps))


def test_the_gravest_findings_are_answered_and_the_rest_counted():
    made, report = answer(diagnosis(*map(fault, range(MOST + 3))), Subject(), (), "diagnose://reports/1")
    assert len(made.findings) == MOST
    assert made.more_findings == 3
    assert made.report == "diagnose://reports/1"
    assert len(json.loads(report)["findings"]) == MOST + 3


def test_a_finding_has_its_place():
    made, _ = answer(diagnosis(fault(1, location=Location("train.py", 3)), fault(2)), Subject(), (), "")
    assert [one.place for one in made.findings] == ["train.py:3", None]


def test_what_failed_is_named_and_what_was_not_asked_for_is_not():
    gaps = (Gap("probes", "no time", failed=True), Gap("D101", "no images were given"))
    made, _ = answer(diagnosis(gaps=gaps), Subject(), (), "")
    assert made.not_examined == ["probes: no time"]


def test_long_texts_and_lists_are_cut_and_say_so():
    cut = shortened({"a": list(range(99)), "b": "x" * 9999, "c": [{"d": ["y"] * 99}]})
    assert len(cut["a"]) == MOST + 1
    assert cut["a"][-1] == f"… {99 - MOST} more"
    assert cut["b"].startswith("x" * LONGEST)
    assert cut["b"].endswith("(9,999 characters)")
    assert len(cut["c"][0]["d"]) == MOST + 1
