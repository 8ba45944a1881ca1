"""Statements: what names stand for after them, whichever way the program takes."""

import pytest
from small_programs import followed, names

from diagnose.interpreter.values import Either, is_known, plain

LOST = "import json, sys\nlost = json.load(open('x'))\n"


def value(tmp_path, text):
    return names(followed(tmp_path, LOST + text))["x"]


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("x = y = 2", 2),
        ("a, b = [1, 2]\nx = a + b", 3),
        ("[a, *x] = 1, 2, 3", [2, 3]),
        ("x: int = 4", 4),
        ("x = [1, 2]\nx[0] = 5", [5, 2]),
        ("x = {}\nx['a'] = 1\nx['b'] = 2", {"a": 1, "b": 2}),
        ("class C: pass\nc = C()\nc.a = 1\nc.a += 2\nx = c.a", 3),
        ("class C: pass\nC.a = 1\nx = C().a", 1),
        ("x = 1\ndef f():\n    global x\n    x = 2\nf()", 2),
        ("def f():\n    a = 1\n    def g():\n        nonlocal a\n        a = 2\n    g()\n    return a\nx = f()", 2),
        ("for x in (1, 2):\n    if x == 1:\n        break", 1),
        ("for a in (1, 2):\n    pass\nelse:\n    x = a", 2),
        ("def f():\n    for a in (1, 2):\n        return a\nx = f()", 1),
        ("x = 0\nfor a in (1, 2):\n    if a == 1:\n        continue\n    x += a", 2),
        ("while False:\n    x = 1\nx = 2", 2),
        ("x = [1, 2, 3]\nfor c in range(3):\n    x[c] = x[c] - 1", [0, 1, 2]),
        ("x = [1, 2, 3]\nfor c in range(2):\n    x[c] += 5", [6, 7, 3]),
        ("try:\n    raise ValueError\nexcept ValueError:\n    x = 1\nfinally:\n    y = 2", 1),
        ("try:\n    x = 1\nexcept ValueError:\n    x = 2\nelse:\n    x = 3", 3),
        ("with open('a') as f:\n    x = 1", 1),
        ("match 3:\n    case 1 | 2:\n        x = 1\n    case None:\n        x = 2\n    case _:\n        x = 3", 3),
        ("def f():\n    if lost:\n        return 1\n    return 1\nx = f()", 1),
        ("if lost:\n    x = 1\nelse:\n    sys.exit('no')", 1),
        ("x = 1\nassert lost\ndel lost", 1),
    ],
)
def test_what_is_known_after_them(tmp_path, text, known):
    assert plain(value(tmp_path, text), "?") == known


@pytest.mark.parametrize(
    "text",
    [
        "x = 0\nfor a in lost:\n    x += 1",
        "x = 0\nwhile lost:\n    x = x + 1",
        "x = {}\nx[lost] = 1",
        "a, x = lost",
        "x = 1\nif lost:\n    x = 2",
        "match lost:\n    case 1:\n        x = 1\n    case 2:\n        x = 2",
        "class C: n = 0\nfor a in lost:\n    C.n += 1\nx = C.n",
    ],
)
def test_what_hangs_on_the_unknown_is_not_known(tmp_path, text):
    assert not is_known(value(tmp_path, text))


@pytest.mark.parametrize(
    "text",
    [
        "x = [1, 2, 3]\nfor c in range(3):\n    x[c] = x[c] - 1\n    print(c)",
        "x = [1, 2, 3]\nfor c in range(9):\n    x[0] = c",
        "x = [1, 2, 3]\nfor c in range(lost):\n    x[c] = lost",
    ],
)
def test_a_loop_that_does_more_than_change_items_is_read_once(tmp_path, text):
    reader = followed(tmp_path, LOST + text + "\nfor c in range(9):\n    last = c")
    assert not is_known(names(reader)["last"])


def test_the_items_of_a_tensor_beside_numbers_are_read_one_by_one(tmp_path):
    text = "import torch\nt = torch.rand(3, 9)\nx = []\nfor a, m in zip(t, [1, 2]):\n    x.append((a, m))"
    rows = names(followed(tmp_path, LOST + text))["x"].items
    assert [(plain(row.items[0].args[0]), plain(row.items[1])) for row in rows] == [(0, 1), (1, 2)]


def test_a_loader_beside_objects_is_read_once(tmp_path):
    text = "import torch\nt = torch.rand(3)\nx = []\nfor a, m in zip(t, [print, len]):\n    x.append(m)"
    assert names(followed(tmp_path, LOST + text))["x"].partial


def test_a_pair_by_a_condition_is_unpacked_side_by_side(tmp_path):
    found = names(followed(tmp_path, LOST + "a, x = (1, 2) if lost else (3, 4)"))
    assert isinstance(found["x"], Either)
    assert {plain(option) for option in found["x"].options} == {2, 4}


def test_an_attribute_of_one_of_two_is_set_on_both(tmp_path):
    text = "class C: pass\na, b = C(), C()\n(a if lost else b).n = 1\nx = [a.n, b.n]"
    assert plain(value(tmp_path, text)) == [1, 1]


def test_what_is_added_to_a_sum_is_an_event_whichever_way_it_is_written(tmp_path):
    reader = followed(tmp_path, LOST + "total = lost\nfor a in lost:\n    total += a\n    total = total + a")
    assert [event.name for event in reader.trace if event.kind == "add"] == ["total", "total"]


def test_an_event_knows_its_loops_guards_contexts_and_functions(tmp_path):
    text = "import torch\ndef f():\n    for a in lost:\n        with torch.no_grad():\n            if a:\n" + (
        "                torch.save(a, 'b')\nf()"
    )
    (event,) = [event for event in followed(tmp_path, LOST + text).trace if event.name == "torch.save"]
    assert [len(part) for part in (event.loops, event.guards, event.contexts, event.functions)] == [1, 1, 1, 1]
    assert event.at.line == 8


def test_both_sides_of_a_guard_are_distinguished(tmp_path):
    text = "import torch\nif lost:\n    torch.save(1, 'a')\nelse:\n    torch.save(2, 'b')"
    one, two = [e.guards[0] for e in followed(tmp_path, LOST + text).trace if e.name == "torch.save"]
    assert (one.number, one.side) != (two.number, two.side)
    assert one.number == two.number


@pytest.mark.parametrize(
    ("text", "replaced"),
    [("a = 1\na = 2", ["a"]), ("a = 1\nprint(a)\na = 2", []), ("a = 1\nif lost:\n    a = 2", []),
     ("a = lost\na = 2", [])],
)  # fmt: skip
def test_a_constant_that_nothing_read_before_the_next_is_noted(tmp_path, text, replaced):
    assert [name for name, _, _ in followed(tmp_path, LOST + text).replaced] == replaced


def test_a_call_whose_result_nothing_takes_is_noted(tmp_path):
    reader = followed(tmp_path, "print(1)\nx = print(2)")
    assert [line for _, _, line in reader.unused_results] == [1]


def test_what_stands_behind_a_star_is_not_known_where_the_items_are_not(tmp_path):
    assert not is_known(value(tmp_path, "*_, x = [one for one in (1, 2, 3) if lost]"))
    assert is_known(value(tmp_path, "x, *_ = (1, lost)"))
