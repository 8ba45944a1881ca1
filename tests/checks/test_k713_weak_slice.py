from builders import INFO, character, checkpoint, interval, only, silent
from diagnose.checks.k713_weak_slice import CHECK

from diagnose.model import Paired, Slice


def sliced(difference, low, high):
    part = Slice("brightness", "darkest third", 100, 0.6, Paired(difference, interval(low, high), 1, 100, 0.001))
    return checkpoint(character=character(slices=(part,)))


def test_no_slices_are_silent():
    assert silent(CHECK, autopsy=checkpoint(character=character()))


def test_a_weak_one_is_worth_knowing():
    found = only(CHECK, autopsy=sliced(-0.25, -0.4, -0.1))
    assert found.severity is INFO
    assert "25 points below" in found.summary


def test_an_interval_that_holds_zero_is_silent():
    assert silent(CHECK, autopsy=sliced(-0.15, -0.31, 0.01))


def test_a_small_difference_is_silent():
    assert silent(CHECK, autopsy=sliced(-0.05, -0.08, -0.02))
