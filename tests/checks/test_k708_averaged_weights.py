from builders import ERROR, WARNING, checkpoint, only, restored
from diagnose.checks.k708_averaged_weights import CHECK

WORDS = "the averaged weights in place of the raw ones"


def test_it_stands_at_the_file_and_names_both_weights():
    found = only(CHECK, autopsy=checkpoint(0.31, restored=restored("averaged weights", WORDS, read=False)))
    assert str(found.location) == "best.pth"
    assert found.fix == f"Load {WORDS}."
    assert found.severity is WARNING


def test_it_is_an_error_where_a_run_shows_which_ones_are_evaluated():
    found = only(CHECK, autopsy=checkpoint(0.31, restored=restored("averaged weights", WORDS, read=True)))
    assert found.severity is ERROR
