import pytest
from builders import WARNING, dataset, findings, only, silent
from diagnose.checks.d125_twin_class_names import CHECK


def named(*names):
    return dataset(dict.fromkeys(names, 9), None)


@pytest.mark.parametrize(
    "names", [("cat", "dog"), ("glass", "grass"), ("a", "A"), ("bus", "car"), ("1", "10"), ("news", "new car")]
)
def test_other_names_are_silent(names):
    assert silent(CHECK, dataset=named(*names))


@pytest.mark.parametrize(
    "names",
    [
        ("cat", "Cat"),
        ("cat", "cat "),
        ("red fox", "red_fox"),
        ("red-fox", "Red Fox"),
        ("01", "001"),
        ("café", "cafe\u0301"),
    ],
)
def test_spellings_of_one_name(names):
    finding = only(CHECK, dataset=named(*names))
    assert (finding.severity, finding.subject) == (WARNING, "spelling")


@pytest.mark.parametrize("names", [("dog", "dogs"), ("puppy", "puppies"), ("fox", "foxes")])
def test_plurals(names):
    finding = only(CHECK, dataset=named(*names))
    assert finding.subject == "plural"
    assert finding.measured["twins"] == [sorted(names)]


def test_both_kinds_and_other_splits():
    data = dataset({"cat": 9, "dog": 9}, {"Cat": 9, "dogs": 9})
    assert [finding.subject for finding in findings(CHECK, dataset=data)] == ["spelling", "plural"]
