from builders import ERROR, INFO, WARNING

from diagnose.model import CheckResult, Evidence, Finding, Location, in_order
from diagnose.model.verdict import verdict


def finding(code, severity=ERROR, line=None):
    at = Location("train.py", line) if line else None
    return Finding(severity, f"{code} is so.", f"Fix {code}.", location=at, code=code, name="a-name", fingerprint=code)


def of(*found, results=(), interrupted=False):
    return verdict(in_order(found, Evidence()), results, interrupted)


def test_one_cause_has_its_place_and_fix():
    assert of(finding("X1", line=7)) == ("Do not start the full training run yet. X1 is so (train.py:7). Fix: Fix X1.")


def test_up_to_three_causes_are_numbered_and_the_rest_is_counted():
    found = [finding(f"X{number}", line=number) for number in range(1, 6)]
    assert of(*found) == (
        "Do not start the full training run yet. (1) X1 is so (train.py:1). Fix: Fix X1. (2) X2 is so (train.py:2). "
        "Fix: Fix X2. (3) X3 is so (train.py:3). Fix: Fix X3. And 2 more."
    )


def test_what_is_less_grave_is_not_named_beside_errors():
    assert "X2" not in of(finding("X1"), finding("X2", WARNING))
    assert of(finding("X2", WARNING), finding("X3", INFO)) == (
        "The run should work, but it would lose accuracy or time. X2 is so. Fix: Fix X2."
    )


def test_a_consequence_is_no_item_and_is_named_where_it_is_graver():
    assert of(finding("C302"), finding("P503")) == "Do not start the full training run yet. C302 is so. Fix: Fix C302."
    assert of(finding("M403", WARNING), finding("M404")).startswith(
        "Do not start the full training run yet. M404 is so. Fix"
    )
    assert of(finding("M412", INFO), finding("M404")) == (
        "Do not start the full training run yet. M412 is so, hence M404 a-name. Fix: Fix M412."
    )


def test_silence_says_what_it_is_worth():
    results = [
        CheckResult("D101", "x", "passed", 0.0),
        CheckResult("D104", "x", "passed", 0.0),
        CheckResult("P501", "x", "skipped", 0.0, "--no-probes was given"),
    ]
    result = of(finding("X3", INFO), results=results)
    assert result.startswith("No fault was found in the image files and duplicate images; not looked at: ")
    assert "how images and labels are paired" in result
    assert result.endswith("(no check of this run covers them), short training runs (--no-probes was given).")


def test_where_nothing_could_be_judged_nothing_was_found_to_be_sound():
    skipped = CheckResult("D101", "x", "skipped", 0.0, "no images were given")
    assert of(results=[skipped]).startswith("No check had the evidence that it needs; not looked at: ")


def test_a_run_that_was_stopped_says_so():
    assert of(interrupted=True).startswith("Stopped before the end. ")
    assert of(finding("X1"), interrupted=True).startswith("Do not start")
