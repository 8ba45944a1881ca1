"""What a program prints, beside the answers of its network."""

import numpy as np
import pytest

from diagnose.autopsy.evaluation import Batch, Evaluation
from diagnose.autopsy.standing import Unfollowed, _accuracies, _follow


@pytest.mark.parametrize(
    ("line", "shares"),
    [
        ("accuracy: 0.6419 (n=215)", [0.6419]),
        ("val accuracy 0.5583 (201/360)", [201 / 360, 0.5583]),
        ("Top-1 61.25%", [0.6125]),
        ("Acc@1 48.3 on 300 stamps", [0.483]),
        ("hits 48%", [0.48]),
        ("epoch 12 done", []),
    ],
)
def test_an_accuracy_is_read_in_its_usual_forms(line, shares):
    assert _accuracies(line) == pytest.approx(shares)


def printed(text):
    batch = Batch(np.zeros((100, 3, 2, 2)), np.zeros((100, 4)), None, (), False)
    return Evaluation(batches=[batch], printed=text)


def test_a_printed_accuracy_far_from_that_of_the_answers_is_not_followed():
    with pytest.raises(Unfollowed, match=r"0\.6419"):
        _follow(printed("accuracy: 0.6419"), 0.042, 100)


def test_one_that_is_near_or_none_at_all_is():
    _follow(printed("accuracy: 0.6419"), 0.62, 100)
    _follow(printed("loaded 61 tensors\ndone"), 0.04, 100)
