from builders import ERROR, checkpoint, only, restored, silent, why_skipped
from diagnose.checks.k706_stale_statistics import CHECK


def test_one_that_nothing_restores_is_silent():
    assert silent(CHECK, autopsy=checkpoint())


def test_one_that_something_else_restores_is_silent():
    assert silent(CHECK, autopsy=checkpoint(restored=restored("precision", "16-bit floats")))


def test_the_change_is_named_with_both_scores():
    found = only(
        CHECK,
        autopsy=checkpoint(
            0.31, restored=restored("batch norm statistics", "statistics re-estimated on training images")
        ),
    )
    assert found.severity is ERROR
    assert "31.0%" in found.summary
    assert "85.0% [77, 91] with statistics re-estimated on training images" in found.summary


def test_one_that_was_not_evaluated_is_not_examined():
    assert "failed" in why_skipped(CHECK, autopsy=checkpoint(None, stopped="its forward pass failed"))


def test_a_validation_in_train_mode_stands_at_its_line():
    found = only(CHECK, autopsy=checkpoint(0.31, restored=restored("train or eval mode", "eval mode")))
    assert str(found.location) == "train.py:41"
    assert "model.eval()" in found.fix
