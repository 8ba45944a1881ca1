import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.model import ConfusedPair
from diagnose.probing.confusion import FEWEST, MOST_CLASSES, PAIRS, confusion

CLASSES = ("cat", "dog", "owl")


def of(labels, *answers, classes=CLASSES):
    return confusion("pretrained", classes, np.array(labels), [np.array(one) for one in answers])


def test_rows_are_labels_and_columns_answers():
    result = of([0, 0, 0, 1, 2], [0, 1, 1, 1, 2])
    assert result.counts == ((1, 2, 0), (0, 1, 0), (0, 0, 1))
    assert (result.arm, result.classes) == ("pretrained", CLASSES)
    assert result.pairs == (ConfusedPair("cat", "dog", 2, 3),)


def test_seeds_are_counted_together():
    result = of([0, 0, 1], [1, 1, 1], [1, 1, 1])
    assert result.counts[0] == (0, 4, 0)
    assert result.pairs == (ConfusedPair("cat", "dog", 4, 4),)


def test_what_one_image_a_seed_was_taken_for_is_chance():
    assert of([0, 0, 1], [1, 0, 1]).pairs == ()
    assert of([0, 0, 1], [1, 0, 1], [1, 0, 1]).pairs == ()  # the same image twice


def test_the_worst_pairs_come_first_and_are_few():
    labels = np.repeat(np.arange(8), 20)
    answers = labels.copy()
    for label in range(8):
        answers[labels == label] = np.where(np.arange(20) < label + 2, (label + 1) % 8, label)
    result = confusion("x", [f"c{n}" for n in range(8)], labels, [answers])
    counts = [pair.count for pair in result.pairs]
    assert len(counts) == PAIRS
    assert counts == sorted(counts, reverse=True)
    assert result.pairs[0] == ConfusedPair("c7", "c0", 9, 20)


def test_a_matrix_too_large_to_read_leaves_its_pairs():
    names = [str(number) for number in range(MOST_CLASSES + 1)]
    result = of([0, 0, 0], [4, 4, 4], classes=names)
    assert result.counts == ()
    assert result.pairs == (ConfusedPair("0", "4", 3, 3),)


def test_an_answer_beyond_the_classes_is_wrong_and_no_class():
    """A head of 1000 outputs may answer anything: that is neither right for the last class nor a confusion with it."""
    result = of([2, 2, 2, 2], [2, 7, 999, 7])
    assert result.counts[2] == (0, 0, 1)
    assert result.pairs == ()
    assert of([0, 0, 0, 0], [2, 2, 7, 7]).pairs == (ConfusedPair("cat", "owl", 2, 4),)


@settings(deadline=None)
@given(st.data())
def test_all_answers_are_in_it(data):
    count = data.draw(st.integers(1, 30))
    several = [data.draw(st.lists(st.integers(0, 2), min_size=count, max_size=count)) for _ in range(3)]
    labels, *answers = several
    result = of(labels, *answers)
    assert np.sum(result.counts) == 2 * count
    assert all(FEWEST * 2 <= pair.count <= pair.of for pair in result.pairs)
