from builders import WARNING, dataset, only, silent
from diagnose.checks.d109_class_imbalance import CHECK


def test_nearly_even_classes_are_silent():
    assert silent(CHECK, dataset=dataset({"cat": 100, "dog": 30}))


def test_ten_to_one_is_a_warning():
    finding = only(CHECK, dataset=dataset({"cat": 500, "dog": 50}))
    assert finding.severity is WARNING
    assert finding.measured["ratio"] == 10
    assert finding.measured["smallest"] == {"class": "dog", "images": 50}


def test_one_class_alone_has_no_balance():
    assert silent(CHECK, dataset=dataset({"cat": 500}))


def test_an_empty_class_is_another_fault():
    assert silent(CHECK, dataset=dataset({"cat": 500, "dog": 400, "fox": 0}))
