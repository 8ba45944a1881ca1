import pytest

from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Const, Items, Thing, unknown
from diagnose.model import Location
from diagnose.training.given import COMPUTED, given, options

AT = Location("train.py", 1)


def thing(name, *args, base=None):
    return Thing(AT, name=name, args=args, base=base)


ROW = Items(AT, (Const(AT, 1.0), Const(AT, 2.0)))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Const(AT, 0.1), 0.1),
        (Const(AT, True), True),
        (Const(AT, None), None),
        (None, None),
        (ROW, (1.0, 2.0)),
        (thing("torch.tensor", ROW), (1.0, 2.0)),
        (thing(".to", base=thing("torch.tensor", ROW)), (1.0, 2.0)),
        (unknown(Reason.RUN, "computed later", AT), COMPUTED),
        (thing("mine.weights"), COMPUTED),
    ],
)
def test_a_value_is_plain_or_computed(value, expected):
    assert given(value) == expected


def test_options_are_those_that_are_given():
    assert options({"b": 1, "a": (2,), "c": None}) == (("a", (2,)), ("b", 1))
