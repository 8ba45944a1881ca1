from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from steps import Steps

from diagnose.probing import pictures as module
from diagnose.probing.clock import Machine, OutOfTime
from diagnose.probing.pictures import EXPECTED, Pictures, stratified


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), max_size=60))
def test_every_beginning_holds_the_classes_in_proportion(labels):
    items = [(f"{place}.png", label) for place, label in enumerate(labels)]
    ordered = stratified(items)
    assert sorted(ordered) == sorted(items)
    whole = Counter(labels)
    for count in range(len(ordered) + 1):
        begun = Counter(label for _, label in ordered[:count])
        for label, images in whole.items():
            assert abs(begun[label] - count * images / len(labels)) <= 0.5 + len(whole) / 2


def test_images_of_a_class_stay_in_order():
    items = [(name, number % 2) for number, name in enumerate("abcdef")]
    assert stratified(items) == tuple(items)


@pytest.fixture
def items(image_folder):
    root = image_folder({"cat": 12, "dog": 8}, size=16)
    return stratified([(str(path), int(path.parent.name == "dog")) for path in sorted(root.glob("*/*.png"))])


@pytest.fixture
def made(items, monkeypatch):
    """A function: pictures of 12 training and 8 validation images in pieces of four, their clock, and what was said."""
    monkeypatch.setattr(module, "PIECE", 4)

    def make(deadline=float("inf")):
        clock, said = Steps(1.0), []
        pictures = Pictures(items[:12], items[12:], 8, torch.device("cpu"), Machine(clock, deadline),
                            lambda *result: said.append(result))  # fmt: skip
        return pictures, clock, said

    return make


def test_nothing_is_decoded_twice(made, monkeypatch):
    decoded = []
    real = module.load
    monkeypatch.setattr(module, "load", lambda paths, size: decoded.extend(paths) or real(paths, size))
    pictures, _, _ = made()
    first = pictures.first(4, 4)
    again = pictures.first(12, 8)
    pictures.first(4, 4)
    assert len(decoded) == len(set(decoded)) == 20
    assert torch.equal(again.train[:4], first.train)
    assert torch.equal(again.val[:4], first.val)


def test_every_image_has_its_label(made, items):
    pictures, _, _ = made()
    images = pictures.first(12, 8)
    assert images.train_labels.tolist() == [label for _, label in items[:12]]
    assert images.val_labels.tolist() == [label for _, label in items[12:]]
    assert tuple(images.train.shape) == (12, 3, 8, 8)
    assert pictures.most == (12, 8)
    few = pictures.first(3, 2)
    assert (len(few.train), len(few.train_labels), len(few.val), len(few.val_labels)) == (3, 3, 2, 2)


def test_more_than_there_are_is_all_of_them(made):
    images = made()[0].first(100, 100)
    assert (len(images.train), len(images.train_labels), len(images.val)) == (12, 12, 8)


def test_what_is_missing_has_its_price_by_the_measured_pace(made):
    pictures, _, _ = made()
    assert pictures.cost(4, 4) == pytest.approx(8 * EXPECTED)
    pictures.first(4, 4)
    assert pictures.pace == 0.25  # a second for each piece of four
    assert pictures.cost(4, 4) == 0
    assert pictures.cost(8, 100) == pytest.approx(8 * 0.25)


def test_progress_is_told_of_what_is_decoded_now(made):
    pictures, _, said = made()
    pictures.first(4, 4)
    pictures.first(12, 4)
    assert said == [("decoding images", 4, 8), ("decoding images", 8, 8), ("decoding images", 4, 8),
                    ("decoding images", 8, 8)]  # fmt: skip


def test_an_interrupted_decode_keeps_what_it_has(made):
    pictures, clock, _ = made(deadline=6.5)  # three readings for a piece: two pieces, and the third is not begun
    with pytest.raises(OutOfTime):
        pictures.first(12, 8)
    assert pictures.cost(12, 8) == pytest.approx(pictures.pace * 12)
    pictures._machine.deadline = float("inf")
    began = clock.now
    assert len(pictures.first(12, 8).train) == 12
    assert clock.now - began == 9  # the three pieces that were missing
