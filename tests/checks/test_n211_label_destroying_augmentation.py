import pytest
from builders import ERROR, WARNING, config, only, silent, why_skipped
from diagnose.checks.n211_label_destroying_augmentation import CHECK

from diagnose.model import Dataset


def classes(*names: str, root: str = "data") -> Dataset:
    return Dataset(root=root, counts={"all": dict.fromkeys(names, 100)})


FLIP = config(train_augmentations=("random_horizontal_flip",))
UPSIDE_DOWN = config(train_augmentations=("random_vertical_flip",))
DIGITS = tuple(str(number) for number in range(10))


@pytest.mark.parametrize(
    ("one", "other"), [("turn_left", "turn_right"), ("Left Hand", "right hand"), ("left", "right")]
)
def test_a_flip_makes_right_of_left(one, other):
    finding = only(CHECK, dataset=classes(one, other, "stop"), configuration=FLIP)
    assert finding.severity is ERROR
    assert one in finding.summary
    assert other in finding.summary


def test_up_and_down_are_not_sideways():
    assert silent(CHECK, dataset=classes("arrow_up", "arrow_down"), configuration=FLIP)
    assert only(CHECK, dataset=classes("arrow_up", "arrow_down"), configuration=UPSIDE_DOWN).severity is ERROR


def test_letters_and_digits_that_are_named_as_such():
    assert only(CHECK, dataset=classes(*"abcdefghijkl"), configuration=FLIP).severity is WARNING
    assert only(CHECK, dataset=classes(*DIGITS, root="/data/SVHN"), configuration=FLIP).severity is WARNING
    assert only(CHECK, dataset=classes(*(f"digit_{d}" for d in DIGITS)), configuration=FLIP).severity is WARNING


@pytest.mark.parametrize("names", [DIGITS, ("cat", "dog"), ("bright", "leftovers"), ("left_shoe", "hat")])
def test_what_may_be_anything_is_silent(names):
    assert silent(CHECK, dataset=classes(*names), configuration=FLIP)


def test_fashion_mnist_holds_no_digits():
    assert silent(CHECK, dataset=classes(*DIGITS, root="/data/FashionMNIST"), configuration=FLIP)


def test_no_flip_is_silent_and_an_unknown_one_not_examined():
    assert silent(CHECK, dataset=classes("left", "right"), configuration=config(train_augmentations=()))
    assert "train_augmentations" in why_skipped(CHECK, dataset=classes("left", "right"), configuration=config())
