import numpy as np

from diagnose.autopsy.orders import assigned, counted, named, right

CLASSES = tuple(sorted(str(number) for number in range(1, 12)))  # 1, 10, 11, 2, ...


def test_an_assignment_finds_the_order():
    order = (2, 0, 1)
    labels = np.repeat(np.arange(3), 10)
    answers = np.asarray(order)[labels]
    assert assigned(counted(labels, answers, 3, 3)) == order
    assert right(labels, answers, order).mean() == 1


def test_numbers_in_the_order_of_numbers():
    orders = dict(named(CLASSES, 11, ()))
    order = next(order for words, order in orders.items() if words.startswith("sorted by number"))
    assert [order[CLASSES.index(str(number))] for number in range(1, 12)] == list(range(11))


def test_a_background_class():
    orders = dict(named(("a", "b"), 3, ()))
    assert (1, 2) in orders.values()


def test_the_names_in_the_checkpoint():
    orders = dict(named(("cat", "dog"), 2, ("dog", "cat")))
    assert orders["the order of the class names in the checkpoint"] == (1, 0)


def test_names_of_other_classes_are_left_alone():
    assert all("checkpoint" not in words for words, _ in named(("cat", "dog"), 2, ("dog", "owl")))
