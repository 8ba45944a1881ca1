from builders import INFO, character, checkpoint, only, silent
from diagnose.checks.k714_sure_and_wrong import CHECK

from diagnose.model import SureError

WRONG = tuple(SureError(f"val/cat/{number}.png", "cat", "dog", 0.99) for number in range(12))


def test_none_are_silent():
    assert silent(CHECK, autopsy=checkpoint(character=character()))


def test_they_are_named():
    found = only(CHECK, autopsy=checkpoint(character=character(errors=WRONG[:2])))
    assert found.severity is INFO
    assert found.files == ("val/cat/0.png", "val/cat/1.png")
    assert "2 of 400" in found.summary


def test_as_many_as_are_kept_may_be_more():
    assert "12 or more" in only(CHECK, autopsy=checkpoint(character=character(errors=WRONG))).summary


def test_of_a_model_that_is_often_wrong_they_are_silent():
    assert silent(CHECK, autopsy=checkpoint(character=character(errors=WRONG, accuracy=0.5)))
