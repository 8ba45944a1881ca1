import pytest

from diagnose.running.direction import is_accuracy, wrong_way


@pytest.mark.parametrize(
    ("name", "falls", "wrong"),
    [
        ("val_accuracy", True, True), ("val_accuracy", False, False), ("val/acc", True, True), ("eval_f1", True, True),
        ("val_loss", False, True), ("val_loss", True, False), ("accuracy_loss", True, False), ("epoch", True, False),
        ("val_acc_5", True, True), ("vacuum", True, False),
    ],
)  # fmt: skip
def test_a_name_says_which_way_is_better(name, falls, wrong):
    assert wrong_way(name, falls) is wrong


def test_an_accuracy_is_known_by_the_answers():
    answers = [1, 0, 1, 1]
    assert is_accuracy(0.75, answers, None)
    assert is_accuracy(75.0, answers, None)
    assert is_accuracy(0.03, answers, 100)
    assert not is_accuracy(0.7, answers, 100)
    assert not is_accuracy(0.0, [0, 0, 0], None)
