"""Images and labels whose orders may differ: a folder listing paired with a table's rows or another listing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnose.interpreter.reader import Reader
from diagnose.model import Fact, UnequalOrders
from diagnose.training.order.orders import Order, Orders, alike, nested, related
from diagnose.training.order.pairs import Pair


def unequal_orders(reader: Reader, pairs: Iterable[Pair]) -> Iterator[Fact]:
    """Each listing that is paired with a sequence in another order, once, at the listing."""
    orders = Orders(reader)
    found: dict[int, tuple[Order, Order, Pair]] = {}
    for pair in pairs:
        unequal = _unequal(orders.of(pair.first), orders.of(pair.second))
        if unequal is not None and (id(unequal[0].value) not in found or pair.trains):
            found[id(unequal[0].value)] = (*unequal, pair)
    for listing, other, pair in found.values():
        yield UnequalOrders(
            listing.value.at,
            listing=listing.name,
            other=other.name,
            other_kind=other.kind,
            other_line=other.value.at.line,
            paired_at=pair.at.line,
            trains=pair.trains,
        )


def _unequal(first: tuple[Order, ...], second: tuple[Order, ...]) -> tuple[Order, Order] | None:
    """The listing and its counterpart; None unless each has a single order, or where the orders may agree."""
    for written, listed in ((first, second), (second, first)):
        if [order.kind for order in written] == ["positions"]:
            outer = nested(listed)
            return (outer, written[0]) if outer is not None and outer.kind == "listing" else None
    if len(first) != 1 or len(second) != 1:
        return None
    one, other = sorted((first[0], second[0]), key=lambda order: order.kind)  # a listing comes first
    if one.kind != "listing" or alike(one.value, other.value) or related(one.value, other.value):
        return None
    return one, other
