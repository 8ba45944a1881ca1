"""Which output stands for which class: by an assignment on the confusion matrix, and the name of that order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Matrix = NDArray[np.int64]
Order = tuple[int, ...]  # for each class, the output that stands for it; -1 for none
AS_SORTED = "sorted by name"


def answers_of(outputs: NDArray[Any]) -> NDArray[np.int64]:
    """(N,): the output that is greatest for each image, of (N, outputs); of one output, whether it says the second
    class."""
    if outputs.shape[1] == 1:
        middle = 0.5 if outputs.min() >= 0 and outputs.max() <= 1 else 0.0
        return (outputs[:, 0] > middle).astype(np.int64)
    answers: NDArray[np.int64] = np.nan_to_num(outputs, nan=-np.inf).argmax(1).astype(np.int64)
    return answers


def counted(labels: NDArray[np.int64], answers: NDArray[np.int64], classes: int, outputs: int) -> Matrix:
    """(classes, outputs): how often each output is the answer to each class."""
    matrix = np.zeros((classes, outputs), np.int64)
    np.add.at(matrix, (labels, answers), 1)
    return matrix


def assigned(matrix: Matrix) -> Order:
    """The order that makes most answers right (Hungarian method)."""
    rows, columns = linear_sum_assignment(-matrix)
    order = [-1] * len(matrix)
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        order[row] = column
    return tuple(order)


def named(classes: tuple[str, ...], outputs: int, inside: tuple[str, ...]) -> Iterator[tuple[str, Order]]:
    """Orders that programs number classes in, with a name; those of other lengths or the usual one are left out.

    inside: class names that the checkpoint holds.
    """
    usual = tuple(range(len(classes)))
    number = {name: at for at, name in enumerate(inside)}
    if inside and all(name in number for name in classes):
        yield "the order of the class names in the checkpoint", tuple(number[name] for name in classes)
    sorts = {
        "sorted by number, in place of by name": lambda name: [
            (0, int(part), "") if part.isdigit() else (1, 0, part.lower()) for part in re.split(r"(\d+)", name) if part
        ],
        "sorted without regard to capitals": lambda name: (name.lower(), name),
        "sorted by the names' lengths": lambda name: (len(name), name),
    }
    for words, key in sorts.items():
        places = sorted(range(len(classes)), key=lambda at, key=key: key(classes[at]))  # type: ignore[misc]
        yield words, _inverse(places)
    yield "in reverse order", tuple(reversed(usual))
    if outputs > len(classes):
        yield "one output later, as with a background class at 0", tuple(at + 1 for at in usual)
    yield "shifted by one, as with numbers from 1", tuple((at + 1) % len(classes) for at in usual)
    yield "shifted by one the other way", tuple((at - 1) % len(classes) for at in usual)


def every(classes: tuple[str, ...], outputs: int, inside: tuple[str, ...]) -> Iterator[tuple[str, Order]]:
    """The usual order, by name, and those of `named`."""
    yield AS_SORTED, tuple(range(len(classes)))
    yield from named(classes, outputs, inside)


def _inverse(places: list[int]) -> Order:
    order = [0] * len(places)
    for output, at in enumerate(places):
        order[at] = output
    return tuple(order)


def right(labels: NDArray[np.int64], answers: NDArray[np.int64], order: Order) -> NDArray[np.float64]:
    """1 where the answer is the output that stands for the label."""
    hits: NDArray[np.float64] = (np.asarray(order)[labels] == answers).astype(np.float64)
    return hits
