from builders import WARNING, checkpoint, only, restored, silent
from diagnose.checks.k710_scores_at_chance import CHECK


def test_above_the_commonest_class_is_silent():
    assert silent(CHECK, autopsy=checkpoint(0.3))


def test_at_chance_is_a_warning():
    found = only(CHECK, autopsy=checkpoint(0.12))
    assert found.severity is WARNING
    assert "none of 1 changes" in found.summary


def test_what_a_change_restores_is_not_at_chance():
    assert silent(CHECK, autopsy=checkpoint(0.12, restored=restored()))
