"""What K706, K707 and K708 share: each reports the changes of its own kinds that restore a checkpoint's score."""

import pytest
from builders import ERROR, checkpoint, only, restored, silent, why_skipped
from diagnose.checks.k706_stale_statistics import CHECK as STATISTICS
from diagnose.checks.k707_class_order import CHECK as ORDER
from diagnose.checks.k708_averaged_weights import CHECK as AVERAGE

every = pytest.mark.parametrize("check", [STATISTICS, ORDER, AVERAGE], ids=lambda check: check.code)


@every
def test_one_that_nothing_or_something_else_restores_is_silent(check):
    assert silent(check, autopsy=checkpoint())
    assert silent(check, autopsy=checkpoint(restored=restored("precision", "16-bit floats")))


@every
def test_one_that_was_not_evaluated_is_not_examined(check):
    assert "failed" in why_skipped(check, autopsy=checkpoint(None, stopped="its forward pass failed"))


@pytest.mark.parametrize(
    ("check", "kind", "words", "severity"),
    [
        (STATISTICS, "batch norm statistics", "statistics re-estimated on training images", ERROR),
        (ORDER, "order of classes", "classes sorted by number, in place of by name", ERROR),
        (AVERAGE, "averaged weights", "the averaged weights in place of the raw ones", ERROR),
    ],
)
def test_the_change_is_named_with_both_scores(check, kind, words, severity):
    found = only(check, autopsy=checkpoint(0.31, restored=restored(kind, words)))
    assert found.severity is severity
    assert "31.0%" in found.summary
    assert f"85.0% [77, 91] with {words}" in found.summary
