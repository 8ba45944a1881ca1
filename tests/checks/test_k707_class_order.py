from builders import ERROR, checkpoint, only, restored, silent, why_skipped
from diagnose.checks.k707_class_order import CHECK


def test_one_that_nothing_restores_is_silent():
    assert silent(CHECK, autopsy=checkpoint())


def test_one_that_something_else_restores_is_silent():
    assert silent(CHECK, autopsy=checkpoint(restored=restored("precision", "16-bit floats")))


def test_the_change_is_named_with_both_scores():
    found = only(
        CHECK,
        autopsy=checkpoint(
            0.31, restored=restored("order of classes", "classes sorted by number, in place of by name")
        ),
    )
    assert found.severity is ERROR
    assert "31.0%" in found.summary
    assert "85.0% [77, 91] with classes sorted by number, in place of by name" in found.summary


def test_one_that_was_not_evaluated_is_not_examined():
    assert "failed" in why_skipped(CHECK, autopsy=checkpoint(None, stopped="its forward pass failed"))
