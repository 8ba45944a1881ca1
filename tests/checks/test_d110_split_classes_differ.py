from builders import ERROR, dataset, only, silent, why_skipped
from diagnose.checks.d110_split_classes_differ import CHECK


def test_equal_classes_are_silent():
    assert silent(CHECK, dataset=dataset())


def test_a_class_without_validation_images():
    finding = only(CHECK, dataset=dataset({"cat": 9, "dog": 9}, {"cat": 9}))
    assert finding.severity is ERROR
    assert finding.measured == {"split": "val", "missing": ["dog"], "extra": []}


def test_a_class_that_was_never_trained():
    finding = only(CHECK, dataset=dataset({"cat": 9}, {"cat": 9, "fox": 9}))
    assert finding.measured["extra"] == ["fox"]


def test_an_empty_folder_is_a_missing_class():
    assert only(CHECK, dataset=dataset({"cat": 9, "dog": 9}, {"cat": 9, "dog": 0})).measured["missing"] == ["dog"]


def test_without_splits_it_cannot_be_asked():
    assert "no splits" in why_skipped(CHECK, dataset=dataset(val=None))
