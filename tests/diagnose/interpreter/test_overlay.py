"""The registry of overlays: which handler a call gets, and what is refused."""

import pytest

from diagnose.interpreter.overlay import Overlay, Registry
from diagnose.interpreter.values import Call, Const, Items, Value
from diagnose.model import Location

AT = Location("a.py", 1)
CALL = Call((), {}, AT)


def is_list(value: Value | None) -> bool:
    return isinstance(value, Items)


def returning(text):
    return lambda reader, base, call: Const(AT, text)


def handled(registry, *names, base=None):
    found = registry.handled(None, names, base, CALL)
    return found.data if found is not None else None


def test_a_handler_is_registered_for_each_of_its_names():
    one = Overlay("one")
    one.handles("example.one", "*.ExampleTwo")(returning("it"))
    registry = Registry([one])
    assert handled(registry, "example.one") == handled(registry, "no.ExampleTwo", "*.ExampleTwo") == "it"
    assert handled(registry, "example.two") is None


def test_a_method_goes_by_the_object_first_and_is_left_to_the_next_by_none():
    one, two = Overlay("one"), Overlay("two")
    one.handles(".get")(returning("any"))
    two.handles(".get", of=is_list)(returning("list"))
    registry = Registry([one, two])
    assert handled(registry, ".get", base=Items(AT)) == "list"
    assert handled(registry, ".get", base=Const(AT, 1)) == "any"
    three = Overlay("three")
    three.handles(".get", of=is_list)(lambda reader, base, call: None)
    assert handled(Registry([one, three]), ".get", base=Items(AT)) == "any"


def test_two_handlers_of_one_name_and_object_are_refused():
    one, two = Overlay("one"), Overlay("two")
    one.handles("a.b")(returning("1"))
    two.handles("a.b")(returning("2"))
    with pytest.raises(ValueError, match=r"a\.b is handled by one and by two"):
        Registry([one, two])


def test_the_first_answer_counts():
    one, two = Overlay("one"), Overlay("two")
    one.answer("home")(lambda name, stars: None)
    two.answer("home")(lambda name, stars: stars[0])
    assert Registry([one, two]).ask("home", "SGD", ["torch.optim"]) == "torch.optim"
    assert Registry([one]).ask("home", "SGD", ["torch.optim"]) is None


def test_one_library_under_two_names():
    registry = Registry([Overlay("one", packages=("own",), aliases={"other.own": "own"})])
    assert registry.canonical("other.own.Thing") == "own.Thing"
    assert registry.canonical("other.owner") == "other.owner"
    assert registry.is_library("own")
    assert not registry.is_library("other")
