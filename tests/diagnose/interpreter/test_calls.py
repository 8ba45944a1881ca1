"""Calls of the program's own functions and classes, and those that end the following."""

import pytest
from small_programs import followed, names

from diagnose.interpreter.values import Either, Instance, Thing, clause, is_known, plain

LOST = "import json, torch\nfrom torch import nn\nlost = json.load(open('x'))\n"


def value(tmp_path, text):
    return names(followed(tmp_path, LOST + text))["x"]


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("def f(a, /, b, *, c=3):\n    return [a, b, c]\nx = f(1, b=2)", [1, 2, 3]),
        ("def f(*a, **k):\n    return [len(a), k['z']]\nx = f(1, 2, z=3)", [2, 3]),
        ("def f(a):\n    return lambda: a + 1\nx = f(1)()", 2),
        ("class C:\n    def __init__(self, a):\n        self.a = a\n    def __call__(self, b):\n"
         "        return self.a + b\nx = C(1)(2)", 3),
        ("class C:\n    @staticmethod\n    def f(a):\n        return a\nx = C().f(1)", 1),
        ("class C:\n    n = 4\n    @classmethod\n    def f(cls):\n        return cls.n\nx = C.f()", 4),
        ("class A:\n    def f(self):\n        return 1\nclass B(A):\n    def f(self):\n"
         "        return super().f() + 1\nx = B().f()", 2),
        ("def f():\n    pass\nx = f()", None),
        ("class Net(nn.Module):\n    def forward(self, a):\n        return a\nx = Net()(5)", 5),
        ("class Net(nn.Module):\n    def forward(self, a):\n        return a\nx = Net().forward(6)", 6),
    ],
)  # fmt: skip
def test_own_functions_are_followed(tmp_path, text, known):
    assert plain(value(tmp_path, text), "?") == known


def test_a_parameter_that_nothing_gives_says_whose_it_is(tmp_path):
    reader = followed(tmp_path, "def f(a):\n    return a\nx = f()")
    assert "`a` of f()" in clause(names(reader)["x"])


def test_a_call_of_one_of_two_functions_is_a_call_of_both(tmp_path):
    text = "def f():\n    return 1\ndef g():\n    return 2\nx = (f if lost else g)()"
    found = value(tmp_path, text)
    assert isinstance(found, Either)
    assert {plain(option) for option in found.options} == {1, 2}


def test_of_many_functions_those_left_out_are_a_call_that_was_not_followed(tmp_path):
    functions = "".join(f"def f{n}(net):\n    net.eval()\n" for n in range(5))
    table = ", ".join(f"'{n}': f{n}" for n in range(5))
    text = f"{functions}net = nn.Linear(2, 2)\n{{{table}}}[lost](net)"
    reader = followed(tmp_path, LOST + text)
    assert [event.kind for event in reader.trace].count("unfollowed") == 1


@pytest.mark.parametrize(
    "text",
    ["def x(n):\n    return x(n)\nx(1)", "def f(n):\n    return g(n)\ndef g(n):\n    return f(n)\nx = f(1)",
     "x = 3\nx = (5)()", "x = None\nx()"],
)  # fmt: skip
def test_what_cannot_be_followed_is_recorded_as_lost(tmp_path, text):
    assert any(event.kind == "unfollowed" for event in followed(tmp_path, text).trace)


def test_a_chain_that_lies_too_deep_ends(tmp_path):
    chain = "".join(f"def f{n}(a):\n    return f{n + 1}(a)\n" for n in range(40))
    found = value(tmp_path, f"{chain}def f40(a):\n    return a\nx = f0(1)")
    assert not is_known(found)


def test_a_function_that_raises_gives_nothing(tmp_path):
    found = value(tmp_path, "x = 1\ndef f():\n    raise ValueError\nf()\nx = 2")
    assert plain(found) == 1


def test_a_library_call_is_an_event_with_what_it_was_given(tmp_path):
    reader = followed(tmp_path, LOST + "x = nn.Linear(2, out_features=3)")
    (event,) = [event for event in reader.trace if event.name == "torch.nn.Linear"]
    assert (plain(event.args[0]), plain(event.kwargs["out_features"]), event.result) == (2, 3, names(reader)["x"])


def test_no_grad_as_a_decorator_is_a_context_of_the_calls_inside(tmp_path):
    text = "@torch.no_grad()\ndef f(net):\n    return net(1)\nf(nn.Linear(2, 2))"
    (event,) = [event for event in followed(tmp_path, LOST + text).trace if event.name == "()"]
    assert [context.short for context in event.contexts] == ["no_grad"]


def test_an_object_of_the_program_knows_its_class_and_where_it_was_made(tmp_path):
    found = value(tmp_path, "class C:\n    pass\n\nx = C()")
    assert isinstance(found, Instance)
    assert (found.cls.name, found.at.line) == ("C", 7)


def test_a_forward_that_gives_nothing_known_is_still_a_call_of_the_network(tmp_path):
    found = value(tmp_path, "class Net(nn.Module):\n    def forward(self, a):\n        pass\nnet = Net()\nx = net(1)")
    assert isinstance(found, Thing)
    assert (found.name, found.base.cls.name) == ("()", "Net")


def test_a_dataclasss_fields_are_given_by_order_name_and_default(tmp_path):
    text = ("from dataclasses import dataclass, field\n@dataclass\nclass C:\n    a: int\n    b: int = 2\n"
            "    c: list = field(default_factory=list)\n    d: int = field(default=4)\n"
            "    def __post_init__(self):\n        self.e = self.a + self.b\n"
            "y = C(1)\nx = [y.a, y.b, y.c, y.d, y.e]")  # fmt: skip
    assert plain(value(tmp_path, text)) == [1, 2, [], 4, 3]


def test_what_a_star_spreads_is_not_the_first_argument(tmp_path):
    text = "def f(a, b):\n    return [1 if a == 'x' else 2, b]\nx = f(*[one.strip() for one in lost])"
    first, second = value(tmp_path, text).items
    assert isinstance(first, Either)
    assert "given by what calls it" in clause(second)
