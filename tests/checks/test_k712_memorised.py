from builders import INFO, WARNING, character, checkpoint, interval, only, silent
from diagnose.checks.k712_memorised import CHECK


def test_a_small_gap_is_silent():
    assert silent(CHECK, autopsy=checkpoint(character=character(train=0.88, train_gap=interval(0.03, 0.13))))


def test_a_large_gap_is_worth_knowing():
    found = only(
        CHECK, autopsy=checkpoint(character=character(train=1.0, train_gap=interval(0.25, 0.35), accuracy=0.7))
    )
    assert found.severity is INFO
    assert "[25, 35] points" in found.summary


def test_a_score_that_falls_without_copies_is_a_warning():
    found = only(CHECK, autopsy=checkpoint(character=character(without_copies=0.7, copies=80)))
    assert found.severity is WARNING
    assert "80 of 400" in found.summary


def test_a_score_that_stays_without_copies_is_silent():
    assert silent(CHECK, autopsy=checkpoint(character=character(without_copies=0.79, copies=8)))
