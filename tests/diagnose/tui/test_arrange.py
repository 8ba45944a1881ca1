from diagnose.model import CheckResult, Confidence, Finding, Severity, area
from diagnose.tui.arrange import FILTERS, View, after


def finding(code, severity, confidence=Confidence.CERTAIN, name="x"):
    return Finding(severity, "the summary", "the fix", code=code, name=name, confidence=confidence, fingerprint=code)


ITEMS = [
    finding("N201", Severity.WARNING, Confidence.LIKELY, "unscaled-input"),
    finding("D101", Severity.ERROR, Confidence.SHOWN, "unreadable-image"),
    finding("D108", Severity.INFO),
    CheckResult("C301", "pretrained-claimed", "passed", 0.0),
    CheckResult("P501", "scratch-behind", "skipped", 0.0, "no probes"),
    CheckResult("M401", "differs", "crashed", 0.0, "KeyError: 1"),
]


def codes(view):
    return [item.code for _, items in view.arranged(ITEMS) for item in items]


def test_by_severity_then_what_crashed_was_skipped_and_passed():
    assert codes(View(filter="everything", order="severity")) == ["D101", "N201", "D108", "M401", "P501", "C301"]


def test_by_harm_findings_stay_as_the_diagnosis_orders_them():
    assert codes(View(filter="everything")) == ["N201", "D101", "D108", "M401", "P501", "C301"]


def test_consequences_stand_below_their_causes_only_where_both_are_listed():
    assert View(filter="everything").folds
    assert View(filter="findings").folds
    for view in (
        View(filter="everything", order="code"),
        View(filter="everything", group="area"),
        View(filter="errors"),
        View(filter="everything", search="head"),
    ):
        assert not view.folds


def test_by_code_and_by_certainty():
    assert codes(View(filter="everything", order="code")) == ["C301", "D101", "D108", "M401", "N201", "P501"]
    assert codes(View(filter="everything", order="certainty"))[:3] == ["D108", "D101", "N201"]


def test_filters():
    shown = {name: codes(View(filter=name)) for name in FILTERS}
    assert shown["findings"] == ["N201", "D101", "D108"]
    assert shown["errors"] == ["D101"]
    assert shown["not examined"] == ["M401", "P501"]
    assert shown["passed"] == ["C301"]


def test_every_word_of_the_search_has_to_be_there():
    assert codes(View(filter="everything", search="image un")) == ["D101"]
    assert codes(View(filter="everything", search="NO PROBES")) == ["P501"]
    assert codes(View(filter="everything", search="input")) == ["N201"]
    assert codes(View(filter="everything", search="nothing such")) == []


def test_groups_keep_their_order():
    told = [
        (heading, [item.code for item in items])
        for heading, items in View(filter="everything", group="area").arranged(ITEMS)
    ]
    assert [heading for heading, _ in told] == ["data", "input", "configuration", "network", "probes"]
    assert told[0][1] == ["D101", "D108"]
    told = [heading for heading, _ in View(filter="everything", group="severity").arranged(ITEMS)]
    assert told == ["error", "warning", "info", "crashed", "skipped", "passed"]


def test_the_area_of_a_code_that_a_plug_in_brings():
    assert area("X900") == "more"


def test_after_the_last_word_comes_the_first():
    assert after("a", ("a", "b")) == "b"
    assert after("b", ("a", "b")) == "a"
