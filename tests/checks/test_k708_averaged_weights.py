from builders import WARNING, checkpoint, only, restored, silent, why_skipped
from diagnose.checks.k708_averaged_weights import CHECK


def test_one_that_nothing_restores_is_silent():
    assert silent(CHECK, autopsy=checkpoint())


def test_one_that_something_else_restores_is_silent():
    assert silent(CHECK, autopsy=checkpoint(restored=restored("precision", "16-bit floats")))


def test_the_change_is_named_with_both_scores():
    found = only(
        CHECK,
        autopsy=checkpoint(
            0.31, restored=restored("averaged weights", "the averaged weights in place of the raw ones")
        ),
    )
    assert found.severity is WARNING
    assert "31.0%" in found.summary
    assert "85.0% [77, 91] with the averaged weights in place of the raw ones" in found.summary


def test_one_that_was_not_evaluated_is_not_examined():
    assert "failed" in why_skipped(CHECK, autopsy=checkpoint(None, stopped="its forward pass failed"))
