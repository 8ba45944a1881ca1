from builders import ERROR, checkpoint, only, silent, why_skipped
from diagnose.checks.k701_unreadable_checkpoint import CHECK


def test_one_that_was_read_is_silent():
    assert silent(CHECK, autopsy=checkpoint())


def test_one_that_was_not_is_an_error_with_its_reason():
    found = only(CHECK, autopsy=checkpoint(None, fault="it holds no state dict"))
    assert found.severity is ERROR
    assert "no state dict" in found.summary


def test_without_a_checkpoint_it_is_skipped():
    assert "checkpoint" in why_skipped(CHECK)
