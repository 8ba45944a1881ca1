from builders import ERROR, WARNING, fact, only, program, silent
from diagnose.checks.c339_weights_by_name_match_nothing import CHECK

from diagnose.model import LooseLoad, NamesMatchNothing


def loaded(why="nested", key="state_dict", filtered=False, certain=True):
    return program(seen=(fact(NamesMatchNothing, why=why, key=key, filtered=filtered, certain=certain),))


def test_names_that_match_are_silent():
    assert silent(CHECK, code=program())


def test_a_checkpoint_that_is_not_unpacked_is_an_error():
    finding = only(CHECK, code=loaded())
    assert finding.severity is ERROR
    assert 'checkpoint["state_dict"]' in finding.fix


def test_a_filter_that_keeps_nothing_is_named():
    assert only(CHECK, code=loaded(filtered=True)).summary.startswith("The filter keeps nothing")


def test_the_prefix_of_a_wrapper_that_depends_on_the_machine_is_a_warning():
    finding = only(CHECK, code=loaded("prefix", "module.", certain=False))
    assert finding.severity is WARNING
    assert '"module."' in finding.summary


def test_layers_of_other_names_are_an_error():
    assert only(CHECK, code=loaded("names", "")).summary.startswith("by_name=True loads nothing")


def test_names_that_nobody_checked_are_a_warning():
    finding = only(CHECK, code=loaded("unchecked", "", certain=False))
    assert finding.severity is WARNING
    assert "frozen" in finding.summary


def loose(**values):
    return program(seen=(fact(LooseLoad, **values),))


def test_weights_that_cannot_match_are_an_error():
    assert only(CHECK, code=loose(wrapped=True, looked_at=False)).severity is ERROR


def test_a_result_that_nothing_looks_at_is_a_warning():
    assert only(CHECK, code=loose(wrapped=False, looked_at=False)).severity is WARNING
    assert silent(CHECK, code=loose(wrapped=False, looked_at=True))
