import pytest
from builders import ERROR, INFO, WARNING, act, fact, findings, only, program, silent
from diagnose.checks.c311_no_eval_mode import CHECK

from diagnose.model import TrainModeNotRestored


def validated(mode="eval", no_grad=True, **more):
    forward = act("forward", 5, phase="validation", mode=mode, no_grad=no_grad)
    return program(forward, **{"batch_norm_or_dropout": True, **more})


def test_eval_and_no_grad_are_silent():
    assert silent(CHECK, code=validated())


def test_validation_in_training_mode_is_an_error_where_it_calls_the_network():
    finding = only(CHECK, code=validated("train"))
    assert finding.severity is ERROR
    assert finding.location.line == 5


def test_it_makes_no_difference_without_batch_norm_and_dropout():
    assert silent(CHECK, code=validated("train", batch_norm_or_dropout=None))


def test_kept_gradients_are_worth_knowing():
    assert only(CHECK, code=validated(no_grad=False)).severity is INFO


@pytest.mark.parametrize(
    ("since", "words"), [("epoch", "second epoch"), ("batch", "rest of the epoch"), ("start", "before it trains")]
)
def test_training_in_evaluation_mode_is_a_warning(since, words):
    code = validated(seen=(fact(TrainModeNotRestored, since=since),))
    (finding,) = findings(CHECK, code=code)
    assert finding.severity is WARNING
    assert words in finding.summary
