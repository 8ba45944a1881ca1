"""Values: what is known of them, what counts as true, and how they are shown."""

import ast

import pytest

from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import (
    Call,
    Class,
    Const,
    Either,
    Instance,
    Items,
    Module,
    Ref,
    Scope,
    Table,
    Thing,
    clause,
    constant,
    either,
    is_key,
    is_known,
    plain,
    same,
    shown,
    truth,
    unknown,
)
from diagnose.model import Location

AT = Location("a.py", 1)
LOST = unknown(Reason.RUN, "it is read from a file", AT)


def const(data):
    return Const(AT, data)


def make_class(name, *bases, **names):
    scope = Scope({}, Module(AT, "m", None))
    return Class(AT, name, bases, names, scope, ast.ClassDef(name, [], [], [], []))


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (const(3), 3),
        (Items(AT, (const(1), const(2))), [1, 2]),
        (Items(AT, (const(1),), "tuple"), (1,)),
        (Table(AT, {"a": const(1)}), {"a": 1}),
    ],
)
def test_what_is_known_has_a_plain_value(value, data):
    assert constant(value) == plain(value) == data
    assert is_known(value)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "not given"),
        (LOST, "read from a file"),
        (Thing(AT, name=".x", base=LOST), "read from a file"),
        (Thing(AT, name="json.load"), r"json\.load\(\)"),
        (Either(AT, (const(1), const(2))), "1 or 2"),
        (Items(AT, (const(1), LOST)), "read from a file"),
        (Items(AT, (const(1),), partial=True), "not all of it"),
        (Table(AT, {"a": LOST}), "read from a file"),
        (Table(AT, {}, partial=True), "not all of it"),
        (Ref(AT, "torch.float32"), "isn't a plain value"),
    ],
)
def test_what_is_not_known_says_why(value, why):
    with pytest.raises(ValueError, match=why):
        constant(value)
    assert plain(value, "?") == "?"
    assert not is_known(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (const(0), False),
        (const("a"), True),
        (Items(AT), False),
        (Items(AT, partial=True), None),
        (Table(AT, {}, partial=True), None),
        (Table(AT, {"a": LOST}), True),
        (LOST, None),
        (Thing(AT, name="torch.nn.Linear"), True),
        (Thing(AT, name="json.load"), None),
        (Either(AT, (const(1), const(2))), True),
        (Either(AT, (const(1), const(0))), None),
        (Ref(AT, "x.y"), None),
        (make_class("A"), True),
    ],
)
def test_what_counts_as_true(value, expected):
    assert truth(value) is expected


def test_one_value_for_several_is_itself_where_they_are_the_same():
    assert plain(either([const(1), const(1)], AT)) == 1
    joined = either([const(1), Either(AT, (const(2), const(1)))], AT)
    assert [plain(option) for option in joined.options] == [1, 2]


def test_numbers_of_different_kinds_are_not_the_same():
    assert not same(const(1), const(True))
    assert same(Ref(AT, "a.b"), Ref(AT, "a.b"))
    assert not same(LOST, unknown(Reason.RUN, "it is read from a file", AT))


@pytest.mark.parametrize(
    ("value", "text"),
    [(const("a"), "'a'"), (Ref(AT, "a.b"), "a.b"), (Thing(AT, name=".load"), "load(…)"), (LOST, "unknown"),
     (Items(AT, (const(1),)), "[1]"), (Instance(AT, make_class("Net")), "Net(…)")],
)  # fmt: skip
def test_a_value_in_a_few_characters(value, text):
    assert shown(value) == text


@pytest.mark.parametrize(
    ("data", "expected"),
    [("a", True), ((1, 2), True), (None, True), ((..., [2, 1, 0]), False), ([1], False), ({}, False)],
)
def test_only_what_python_can_hash_is_a_key(data, expected):
    assert is_key(data) is expected


def test_an_argument_is_found_by_place_or_name():
    call = Call((const(1),), {"lr": const(2)}, AT)
    assert (plain(call.arg(0)), plain(call.arg(5, "lr")), call.arg(-1), call.arg(1)) == (1, 2, None, None)
    thing = Thing(AT, name="a.b", args=(const(1),), kwargs={"lr": const(2)})
    assert (plain(thing.arg(0)), plain(thing.arg(5, "lr")), thing.arg(-1)) == (1, 2, None)
    assert (thing.short, thing.package) == ("b", "a")


def test_attributes_are_found_by_the_order_of_bases():
    base = make_class("Base", Ref(AT, "torch.nn.Module"), depth=const(1), width=const(2))
    own = make_class("Own", base, depth=const(3))
    assert [cls.name for cls in own.lineage()] == ["Own", "Base"]
    assert own.foreign() == ("Module",)
    assert (plain(own.find("depth")), plain(own.find("width"))) == (3, 2)
    assert plain(own.find("depth", after=own)) == 1
    assert clause(own.find("height")) == "it is not given"
