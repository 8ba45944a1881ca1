"""Operators come to what Python gives, or to the unknown, never to a wrong value and never to a crash."""

import pytest
from small_programs import followed, names

from diagnose.interpreter.values import Either, Thing, is_known, plain, truth

LOST = "import json\nlost = json.load(open('x'))\n"


def value(tmp_path, text):
    return names(followed(tmp_path, LOST + text))["x"]


@pytest.mark.parametrize(
    "expression",
    ["7 // 2 + 7 % 4 - 2 ** 3", "6 & 3 | 8 ^ 1", "-(+3)", "~5", "not []", "'a' * 3 + 'b'", "[1] * 2 + [3]",
     "'%s-%d' % ('a', 3)", "f'{1 + 1}px'", "1 < 2 <= 2 != 3",
     "2 in [1, 2] and 'a' not in {'b': 1}", "None is None",
     "0 or '' or 'c'", "1 and 0 and 2", "{'a': 1} | {'b': 2}", "{**{'a': 1}, 'b': 2}", "(1, 2) == (1, 2)",
     "3 if 1 > 2 else 4"],
)  # fmt: skip
def test_what_is_known_is_computed_as_python_would(tmp_path, expression):
    assert plain(value(tmp_path, f"x = {expression}"), "?") == eval(expression)


@pytest.mark.parametrize(
    "expression",
    ["lost + 1", "1 / 0", "'a' + 1", "9 ** 9 ** 9", "'a' * 10 ** 9", "-lost", "not lost", "f'{lost}'", "'%d' % 'a'",
     "lost < 2", "1 < 'a'", "lost in [1]", "lost and 1", "[1] + lost", "{lost: 1}", "~'a'", "2 @ 3"],
)  # fmt: skip
def test_what_is_not_known_stays_so(tmp_path, expression):
    assert not is_known(value(tmp_path, f"x = {expression}"))


def test_what_one_side_settles_is_known_without_the_other(tmp_path):
    assert plain(value(tmp_path, "x = 1 or lost")) == 1
    assert plain(value(tmp_path, "x = 0 and lost")) == 0
    assert plain(value(tmp_path, "x = 'a' in {'a': lost}")) is True
    assert plain(value(tmp_path, "x = 1 in [lost, 1]")) is True
    assert plain(value(tmp_path, "x = 3 < 2 < lost")) is False


def test_an_open_or_is_one_of_its_sides(tmp_path):
    found = value(tmp_path, "x = lost or 5")
    assert isinstance(found, Either)
    assert plain(found.options[-1]) == 5


def test_the_inversion_of_a_plain_value_is_an_event(tmp_path):
    text = "import torch\na = ~True\nb = ~torch.rand(3)\nc = -1\nd = not 1"
    events = [event for event in followed(tmp_path, text).trace if event.kind == "invert"]
    assert [(event.at.line, event.target.data) for event in events] == [(2, True)]


def test_arithmetic_on_one_of_two_numbers_is_one_of_two(tmp_path):
    found = value(tmp_path, "a = 1 if lost else 2\nx = a * 10")
    assert {plain(option) for option in found.options} == {10, 20}


def test_a_number_comes_from_the_line_that_was_not_written_in_place(tmp_path):
    assert value(tmp_path, "RATE = 0.1\n\nx = RATE * 2").at.line == 3


def test_things_are_compared_by_what_they_are(tmp_path):
    text = "import torch\nclass A: pass\na = A()\n"
    text += "x = [a == a, torch.float == torch.float, torch.float != torch.half, A == 1]"
    assert plain(value(tmp_path, text)) == [True, True, True, False]


def test_what_a_library_made_is_not_none(tmp_path):
    assert plain(value(tmp_path, "import torch\nx = torch.nn.Linear(1, 2) is None")) is False
    assert truth(value(tmp_path, "x = lost.get('a') is None")) is None


def test_a_table_with_a_key_that_is_not_known_has_more(tmp_path):
    table = value(tmp_path, "x = {'a': 1, lost: 2}")
    assert (plain(table.pairs["a"]), table.partial) == (1, True)
    assert value(tmp_path, "x = {**lost}").partial


def test_arithmetic_keeps_its_sides(tmp_path):
    found = value(tmp_path, "x = (lost - 0.5) / 0.25")
    assert isinstance(found, Thing)
    assert (found.name, plain(found.args[1]), found.args[0].name) == ("op/", 0.25, "op-")
