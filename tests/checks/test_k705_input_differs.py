from builders import ERROR, INFO, checkpoint, only, restored, silent, why_skipped
from diagnose.checks.k705_input_differs import CHECK

KIND, WORDS = "channel order", "RGB in place of BGR"


def test_one_that_nothing_restores_is_silent():
    assert silent(CHECK, autopsy=checkpoint())


def test_one_that_something_else_restores_is_silent():
    assert silent(CHECK, autopsy=checkpoint(restored=restored("precision", "16-bit floats")))


def test_the_change_is_named_with_both_scores():
    found = only(CHECK, autopsy=checkpoint(0.31, restored=restored(KIND, WORDS)))
    assert found.severity is ERROR
    assert "31.0%" in found.summary
    assert f"85.0% [77, 91] with {WORDS}" in found.summary


def test_one_that_was_not_evaluated_is_not_examined():
    assert "failed" in why_skipped(CHECK, autopsy=checkpoint(None, stopped="its forward pass failed"))


def test_it_stands_at_the_line_that_was_read():
    assert str(only(CHECK, autopsy=checkpoint(0.31, restored=restored())).location) == "train.py:41"


def test_what_was_assumed_and_not_read_is_worth_knowing():
    found = only(CHECK, autopsy=checkpoint(0.31, restored=restored(location=None, read=False)))
    assert found.severity is INFO
    assert "with the usual input" in found.summary
