from builders import INFO, only, program, silent, why_skipped
from diagnose.checks.c320_no_seed import CHECK


def test_a_seed_is_silent():
    assert silent(CHECK, code=program(seeded=True))


def test_none_is_worth_knowing_in_the_frameworks_own_words():
    assert only(CHECK, code=program(seeded=False)).severity is INFO
    assert "keras" in only(CHECK, code=program(seeded=False, framework="keras")).fix


def test_what_could_not_be_told_is_not_examined():
    assert "is unknown" in why_skipped(CHECK, code=program())
