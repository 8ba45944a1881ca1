import pytest
from builders import ERROR, INFO, WARNING, config, dataset

from diagnose.model import (
    Check,
    CheckResult,
    Confidence,
    Diagnosis,
    Evidence,
    Finding,
    Gap,
    Interval,
    NotExamined,
    Paired,
)


def check(judge, needs=()):
    return Check("X001", "a-rule", needs, judge)


def finding(severity=ERROR, subject="", summary="So it is."):
    return Finding(severity, summary, "Mend it.", subject=subject)


def test_a_finding_is_stamped():
    state, _, (found,) = check(lambda evidence: iter([finding()])).run(Evidence())
    assert (state, found.code, found.name) == ("failed", "X001", "a-rule")


def test_the_fingerprint_is_of_code_and_subject_never_of_numbers():
    def marks(*found):
        return [f.fingerprint for f in check(lambda evidence: iter(found)).run(Evidence())[2]]

    assert marks(finding(summary="3 files")) == marks(finding(summary="4 files"))
    assert marks(finding(subject="a")) != marks(finding(subject="b"))


def test_a_crash_in_a_check_is_a_result():
    state, why, found = check(lambda evidence: iter([1 / 0])).run(Evidence())
    assert (state, why, found) == ("crashed", "ZeroDivisionError: division by zero", ())


@pytest.mark.parametrize(
    ("need", "why"),
    [
        ("data", "no evidence was gathered on the data"),
        ("probes", "--no-probes was given"),
        ("config.epochs", "the config does not say `epochs`"),
    ],
)
def test_missing_evidence_is_skipped_with_its_reason(need, why):
    evidence = Evidence(None, config(), None, {"probes": "--no-probes was given"})
    assert check(lambda _: iter([finding()]), (need,)).run(evidence) == ("skipped", why, ())


def test_known_evidence_is_enough():
    evidence = Evidence(dataset(), config(epochs=3))
    assert check(lambda _: iter(()), ("data", "config.epochs")).run(evidence)[0] == "passed"


def test_an_unknown_setting_cannot_be_used_by_mistake():
    with pytest.raises(NotExamined, match="`epochs`"):
        config().epochs.get()


def test_the_full_run_counts_its_last_batch():
    assert Evidence(dataset(50), config(epochs=10, batch_size=32)).full_run_steps == 40


def diagnosis(*severities, gaps=(), interrupted=False):
    found = tuple(finding(severity, summary=f"An {severity}.") for severity in severities)
    results = (CheckResult("X001", "a-rule", "failed", 0.0, findings=found),)
    return Diagnosis("0", "now", 1.0, Evidence(), results, gaps, interrupted)


@pytest.mark.parametrize(
    ("severities", "begins"),
    [
        ([WARNING, ERROR], "Do not start the full training run yet. An error. Fix: Mend it."),
        ([INFO, WARNING], "The run should work, but it would lose accuracy or time. An warning. Fix: Mend it."),
        ([INFO], "No fault was found; not looked at: "),
        ([], "No fault was found; not looked at: "),
    ],
)
def test_the_verdict_goes_by_the_gravest(severities, begins):
    assert diagnosis(*severities).verdict.startswith(begins)


def test_only_what_was_asked_for_makes_it_incomplete():
    assert not diagnosis(gaps=(Gap("P501", "--no-probes"),)).incomplete
    assert diagnosis(gaps=(Gap("probes", "killed", failed=True),)).incomplete


@pytest.mark.parametrize(
    ("low", "high", "excludes"), [(0.1, 0.2, True), (-0.2, -0.1, True), (-0.1, 0.1, False), (0, 0.1, False)]
)
def test_an_interval_excludes_zero_or_holds_it(low, high, excludes):
    assert Interval(low, high).excludes_zero is excludes


def test_six_seeds_show_and_five_indicate():
    assert Paired(0.1, Interval(0, 1), 6, 9).confidence is Confidence.SHOWN
    assert Paired(0.1, Interval(0, 1), 5, 9).confidence is Confidence.INDICATED
