from builders import ERROR, feed, only, ran, silent, why_skipped
from diagnose.checks.r606_classes_numbered_differently import CHECK


def numbered(*held_out):
    return ran(feeds=(feed(), feed("validation", folders=held_out)))


def test_the_same_numbers_are_silent():
    assert silent(CHECK, ran=ran())


def test_swapped_numbers_are_an_error():
    finding = only(CHECK, ran=numbered(("cat", 1, 20), ("dog", 0, 20)))
    assert finding.severity is ERROR
    assert "cat is 0 in training and 1 in validation" in finding.summary


def test_a_folder_without_a_prevailing_label_says_nothing():
    assert "too few" in why_skipped(CHECK, ran=numbered(("cat", 0, 10), ("cat", 1, 10), ("dog", 1, 20)))
