from builders import ERROR, config, only, silent, why_skipped
from diagnose.checks.c312_no_shuffle import CHECK


def test_shuffled_is_silent():
    assert silent(CHECK, configuration=config(shuffle=True))


def test_unshuffled_is_an_error():
    assert only(CHECK, configuration=config(shuffle=False)).severity is ERROR


def test_unknown_is_not_examined():
    assert "`shuffle`" in why_skipped(CHECK, configuration=config(epochs=1))
