"""Expressions on values that may be unknown: names, attributes, items, comprehensions, slices."""

import pytest
from small_programs import followed, names

from diagnose.interpreter.values import Either, Items, Ref, Thing, clause, is_known, plain

LOST = "import json, torch\nlost = json.load(open('x'))\n"


def value(tmp_path, text, **files):
    return names(followed(tmp_path, LOST + text, **files))["x"]


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("x = [a for a in range(4) if a % 2]", [1, 3]),
        ("x = {a: b for a, b in zip('ab', [1, 2])}", {"a": 1, "b": 2}),
        ("x = [(n, a) for n, a in enumerate('ab', 1)]", [(1, "a"), (2, "b")]),
        ("x = [a + b for a in (1, 2) for b in (10, 20)]", [11, 21, 12, 22]),
        ("x = [1, 2, 3, 4][1:3]", [2, 3]),
        ("x = 'train.py'[:-3]", "train"),
        ("x = 'abc'[-1]", "c"),
        ("x = [*(1, 2), *[3]]", [1, 2, 3]),
        ("x = list(reversed([1, 2]))", [2, 1]),
        ("from pathlib import Path\nx = Path('a/b.pt').stem", "b"),
        ("x = (lambda a, b=2: a * b)(3)", 6),
        ("x = [y := 3, y]", [3, 3]),
        ("import enum\nclass C(enum.Enum):\n    A = 1\nx = C.A.value", 1),
        ("class C:\n    pass\nx = C.__name__", "C"),
        ("class C:\n    def __init__(self):\n        self.a = 1\nx = C().__dict__['a']", 1),
        ("class C:\n    def __getitem__(self, k):\n        return k * 2\nx = C()[4]", 8),
        ("class C:\n    @property\n    def a(self):\n        return 5\nx = C().a", 5),
        ("def f():\n    a = 3\n    return locals()['a']\nx = f()", 3),
        ("a = 1\nclass C:\n    a = 2\n    def f(self):\n        return a\nx = C().f()", 1),
        ("async def f():\n    return 2\nasync def g():\n    return await f()\nx = g()", 2),
    ],
)
def test_what_is_known_is_computed(tmp_path, text, known):
    assert plain(value(tmp_path, text), "?") == known


@pytest.mark.parametrize(
    "text",
    [
        "x = [a for a in lost]",
        "x = [a for a in (1, 2) if lost]",
        "x = {lost: 1 for a in (1, 2)}",
        "x = [*lost, 1]",
        "x = [1, 2][lost]",
        "x = lost['a']",
        "x = {'a': 1}['b']",
        "x = [1][5]",
        "x = [1, 2][: lost]",
        "x = undefined",
        "x = lost.a.b",
        "x = (1).a",
        "x = super().a",
        "x = [a for a in range(10 ** 9)]",
    ],
)
def test_what_is_not_known_stays_so(tmp_path, text):
    assert not is_known(value(tmp_path, text))


def test_an_index_of_several_axes_is_kept(tmp_path):
    found = value(tmp_path, "m = torch.tensor(lost)\nx = m[None, :, None]")
    assert (found.name, len(found.args[0].items)) == ("[]", 3)
    assert value(tmp_path, "x = torch.tensor(lost)[..., [2, 1, 0]]").name == "[]"


def test_a_key_that_is_not_known_gives_one_of_the_values(tmp_path):
    found = value(tmp_path, "x = {'a': 1, 'b': 2}[lost]")
    assert isinstance(found, Either)
    assert {plain(option) for option in found.options} == {1, 2}


def test_either_side_of_a_condition_is_read(tmp_path):
    assert {plain(option) for option in value(tmp_path, "x = 1 if lost else 2").options} == {1, 2}


def test_an_item_of_the_unknown_is_the_same_each_time(tmp_path):
    text = "a = lost['k']\nb = lost['k']\nx = a"
    found = names(followed(tmp_path, LOST + text))
    assert found["a"] is found["b"]


def test_a_librarys_names_are_kept_whole(tmp_path):
    assert value(tmp_path, "import torch.nn.functional as F\nx = F.relu").name == "torch.nn.functional.relu"
    assert value(tmp_path, "from torchvision import models\nx = models.__dict__['resnet18']").name.endswith("resnet18")
    by_key = "from torchvision import models\nx = models.ResNet18_Weights['DEFAULT']"
    assert value(tmp_path, by_key).name.endswith("ResNet18_Weights.DEFAULT")
    assert isinstance(value(tmp_path, "from typing import Optional\nx = Optional[int]"), Ref)


def test_a_name_from_a_star_is_of_the_likeliest_library(tmp_path):
    text = "from torch.optim import *\nfrom torch.nn import *\nx = SGD"
    assert value(tmp_path, text).name == "torch.optim.SGD"


def test_a_loop_over_the_unknown_gives_an_item_of_it(tmp_path):
    text = "for n, (x, y) in enumerate(torch.utils.data.DataLoader([])):\n    pass"
    found = value(tmp_path, text)
    assert (found.name, found.base.name) == ("[]", "item")


def test_a_generator_gives_what_it_yields(tmp_path):
    text = "def batches():\n    while lost:\n        yield 3\nfor x in batches():\n    pass"
    assert plain(value(tmp_path, text)) == 3


def test_an_own_iterators_items_are_what_its_method_yields(tmp_path):
    text = "class Data:\n    def __iter__(self):\n        yield 4\nfor x in Data():\n    pass"
    assert plain(value(tmp_path, text)) == 4


def test_what_is_not_known_says_why(tmp_path):
    assert "not defined" in clause(value(tmp_path, "x = undefined"))
    assert "json.load" in clause(value(tmp_path, "x = lost['a']['b']"))


def test_a_slice_of_a_list_at_a_place_that_is_not_known_is_a_part(tmp_path):
    found = value(tmp_path, "x = [1, 2, 3][: lost]")
    assert isinstance(found, Items)
    assert found.partial


def test_a_slice_of_the_unknown_is_kept_with_its_step(tmp_path):
    found = value(tmp_path, "x = torch.load('a')[::-1]")
    assert isinstance(found, Thing)
    assert plain(found.args[2]) == -1
