from builders import ERROR, only, ran, silent, why_skipped
from diagnose.checks.r619_printed_accuracy_wrong import CHECK

from diagnose.model import EACH_WITH_EACH, Location, Mistake, Printed


def printed(*explained):
    return ran(printed=tuple(Printed("val acc 0.9", 0.9, 0.4, 64, why) for why in explained))


def test_what_outputs_and_labels_give_is_silent():
    assert silent(CHECK, ran=printed("", ""))


def test_the_same_mistake_twice_is_an_error():
    assert only(CHECK, ran=printed("the sum of batches", "the sum of batches")).severity is ERROR


def test_once_may_be_chance():
    assert silent(CHECK, ran=printed("the sum of batches", "another"))


def test_nothing_printed_is_not_examined():
    assert "printed" in why_skipped(CHECK, ran=ran())


def test_answers_that_are_compared_each_with_each_are_an_error():
    found = only(CHECK, ran=ran(mistakes=(Mistake(EACH_WITH_EACH, "", Location("train.py", 66)),)))
    assert found.location == Location("train.py", 66)
    assert "(N, 1)" in found.summary
