"""Facts about a program in any framework: one finder for each kind of fault, in the order of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.interpreter.reader import Reader
from diagnose.model import Fact
from diagnose.training.measuring.counting import metric_arithmetic
from diagnose.training.measuring.selecting import selected_on_test
from diagnose.training.order.numbering import class_numbers
from diagnose.training.order.pairing import unequal_orders
from diagnose.training.order.pairs import find_pairs
from diagnose.training.order.predictions import shuffled_predictions
from diagnose.training.order.reordered import reordered_apart
from diagnose.training.splits.copies import copied_before_split
from diagnose.training.splits.folders import cut_unequally
from diagnose.training.splits.ordered import cut_by_class
from diagnose.training.splits.redrawn import redrawn
from diagnose.training.splits.shared import overlapping_indices, validated_on_training

FINDERS = (
    shuffled_predictions, class_numbers, redrawn, cut_unequally, validated_on_training, overlapping_indices,
    copied_before_split, cut_by_class, metric_arithmetic, selected_on_test,
)  # fmt: skip


def find_facts(reader: Reader) -> Iterator[Fact]:
    """The facts of every finder on a program that was read."""
    for finder in FINDERS:
        yield from finder(reader)
    pairs = tuple(find_pairs(reader))
    yield from unequal_orders(reader, pairs)
    yield from reordered_apart(reader, pairs)
