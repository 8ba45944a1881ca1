"""The reader follows a program without running it, and ends in a sentence where it cannot."""

import ast
import json
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.source import read_source
from diagnose.interpreter.values import Const, Either, Items, Table, Thing, constant, plain
from diagnose.libraries import registry
from diagnose.model import InputError


@pytest.fixture
def names(tmp_path):
    """What the names of a program stand for once it is read."""

    def read(text, *arguments, **files):
        for name, content in files.items():
            (tmp_path / f"{name}.py").write_text(content)
        path = tmp_path / "program.py"
        path.write_text(text)
        reader = Reader(path, registry(), arguments)
        reader.read()
        return reader.modules[path.resolve()].names

    return read


def value(names, name="x"):
    return constant(names[name])


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("x = 1 / 255", 1 / 255),
        ("a = 3\nx = a * 2 + 1", 7),
        ("x = [int(0.5 * n) for n in (100, 150)]", [50, 75]),
        ("x = {'lr': 0.1, **{'b': 2}}['b']", 2),
        ("def f(a, b=2, *c, **d):\n    return a + b + len(c) + d['e']\nx = f(1, 2, 3, e=4)", 8),
        ("x = 'cuda'.upper() + f'{1 + 1}'", "CUDA2"),
        ("class C:\n    lr = 0.1\n    def __init__(self, k):\n        self.k = k\nx = C(3).k + C.lr", 3.1),
        (
            "from dataclasses import dataclass\n@dataclass\nclass C:\n    a: int = 1\n    b: float = 2.0\nx = C(b=5).b",
            5,
        ),
        ("x = 1 if None is None else 2", 1),
        ("a, (b, *c) = 1, (2, 3, 4)\nx = [a, b, c]", [1, 2, [3, 4]]),
        ("from functools import partial\ndef f(a, b):\n    return a - b\nx = partial(f, 5)(2)", 3),
        ("x = sorted({'b': 1, 'a': 2})", ["a", "b"]),
        ("import os\nx = os.path.join('a', 'b')", "a/b"),
        ("x = 0\nmatch 'b':\n    case 'a':\n        x = 1\n    case 'b' | 'c':\n        x = 2", 2),
        ("try:\n    x = 1\nexcept ImportError:\n    x = 2", 1),
        ("x = 5\ndel_me = [x := x + 1]\n", 6),
    ],
)
def test_constants_are_computed_as_python_would(names, text, result):
    assert value(names(text)) == pytest.approx(result) if isinstance(result, float) else value(names(text)) == result


def test_a_value_knows_where_it_was_written(names):
    found = names("RATE = 0.1\n\n\nx = RATE\ny = RATE * 2\n")
    assert (found["x"].at.line, found["y"].at.line) == (1, 1)


def test_both_sides_of_an_unknown_condition_are_read_and_joined(names):
    found = names("import torch\nif torch.rand(1) > 0.5:\n    x = 1\n    y = 3\nelse:\n    x = 2\n    y = 3\n")
    assert isinstance(found["x"], Either)
    assert {plain(option) for option in found["x"].options} == {1, 2}
    assert value(found, "y") == 3


def test_a_side_that_ends_the_program_leaves_nothing_behind(names):
    found = names("import sys, torch\nx = 1\nif torch.rand(1) > 0.5:\n    x = 2\n    sys.exit(1)\n")
    assert value(found) == 1


def test_what_a_loop_adds_to_is_not_a_constant(names):
    found = names("x = 0\nfor _ in range(10):\n    x += 1\n")
    assert isinstance(found["x"], Thing)


def test_local_files_are_followed_and_libraries_never(names):
    found = names(
        "from other import LR, make\nimport torch\nx = make(LR)", other="LR = 0.5\ndef make(a):\n    return a + 1"
    )
    assert value(found) == 1.5
    assert found["torch"].name == "torch"


def test_imports_that_go_round_end(names):
    found = names("import a\nx = a.X", a="import b\nX = 1\nfrom b import Y", b="import a\nfrom a import X\nY = 2")
    assert value(found) == 1


OPTIONS = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("data")
parser.add_argument("--lr", type=float, default="0.1")
parser.add_argument("-b", "--batch-size", type=int, default=32)
parser.add_argument("--sizes", type=int, nargs="+", default=[1])
parser.add_argument("--fast", action="store_true")
x = parser.parse_args()
"""


def test_options_have_their_defaults(names):
    x = names(OPTIONS)["x"]
    assert isinstance(x, Table)
    assert {name: plain(v, "?") for name, v in x.pairs.items()} == {
        "data": "?", "lr": 0.1, "batch_size": 32, "sizes": [1], "fast": False}  # fmt: skip


def test_the_command_line_is_over_the_defaults(names):
    x = names(OPTIONS, "images", "--lr", "3e-4", "-b", "8", "--sizes", "4", "5", "--fast")["x"]
    assert constant(x) == {"data": "images", "lr": 3e-4, "batch_size": 8, "sizes": [4, 5], "fast": True}
    assert x.pairs["lr"].at.file == "command line"


def test_a_command_line_that_does_not_fit_is_said_so(names):
    with pytest.raises(InputError, match="--speed"):
        names(OPTIONS, "--speed", "3")
    with pytest.raises(InputError, match="lr"):
        names(OPTIONS, "--lr", "fast")


def test_nothing_is_executed_or_imported(names, tmp_path):
    before = set(sys.modules)
    names(
        f"import antigravity, shutil\nopen({str(tmp_path / 'made')!r}, 'w').write('x')\nexec('1/0')\n__import__('this')"
    )
    assert not (tmp_path / "made").exists()
    assert {"antigravity", "this"}.isdisjoint(set(sys.modules) - before)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def f(:\n  pass", "not valid Python"),
        ("x = " + "(" * 400 + ")" * 400, "not valid Python|nested too deeply"),
        ("x = 1\0", "not valid Python"),
        ("\tx = 1\n  y = 2", "not valid Python"),
    ],
)
def test_what_is_no_python_3_is_one_sentence_with_its_line(names, text, said):
    with pytest.raises(InputError, match=said) as fault:
        names(text)
    assert "program.py" in str(fault.value)
    assert str(fault.value).count("\n") == 0


def test_a_file_that_is_no_text_is_one_sentence(tmp_path):
    path = tmp_path / "a.py"
    path.write_bytes(b"\xff\xfe\x00x")
    with pytest.raises(InputError, match="not text"):
        read_source(path, str(path))


def test_a_loop_of_links_is_one_sentence(tmp_path):
    (tmp_path / "a.py").symlink_to(tmp_path / "b.py")
    (tmp_path / "b.py").symlink_to(tmp_path / "a.py")
    with pytest.raises(InputError):
        Reader(tmp_path / "a.py", registry()).read()


def test_an_import_through_a_loop_of_links_is_left_out(names, tmp_path):
    (tmp_path / "ring").symlink_to(tmp_path / "ring")
    assert value(names("import ring\nfrom ring.x import y\nx = 1")) == 1


def test_a_local_file_that_cannot_be_read_is_noted(tmp_path):
    (tmp_path / "broken.py").write_text("def f(:")
    path = tmp_path / "p.py"
    path.write_text("import broken\nx = 1")
    reader = Reader(path, registry())
    reader.read()
    assert "broken.py" in reader.notes[0]


def notebook(path, *cells):
    book = {"cells": [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]}
    path.write_text(json.dumps(book))


def test_a_notebooks_magics_are_passed_over_and_lines_are_those_of_the_cell(tmp_path):
    path = tmp_path / "n.ipynb"
    notebook(
        path,
        "%matplotlib inline\n!pip install x\nimport torch\n",
        "%%bash\nls -l\n",
        "%%time\nfiles = !ls\nx = 3\n",
        "y = (",
    )
    reader = Reader(path, registry())
    reader.read()
    x = reader.modules[path.resolve()].names["x"]
    assert (constant(x), x.at.line, x.at.cell) == (3, 3, 3)
    assert "cell 4" in reader.notes[0]


def test_what_is_no_notebook_is_one_sentence(tmp_path):
    path = tmp_path / "n.ipynb"
    for text in ("[1, 2]", "{", '{"cells": 3}'):
        path.write_text(text)
        with pytest.raises(InputError, match="notebook"):
            Reader(path, registry()).read()


def test_a_long_program_is_read_within_its_time(tmp_path):
    path = tmp_path / "long.py"
    body = "\n".join(
        f"def f{n}(a, b=2):\n    c = a + b * {n}\n    return [c, f'{{a}}']\nx{n} = f{n}({n})" for n in range(5_000)
    )
    path.write_text(body)
    begin = time.process_time()
    Reader(path, registry()).read()
    assert time.process_time() - begin < 20  # of the processor, for 20,000 lines; about 2 s here


@pytest.mark.parametrize(
    "text",
    [
        "def f(n):\n    return f(n - 1) + f(n - 2)\nx = f(30)",
        "while True:\n    pass",
        "x = [[[[0] * 1000] * 1000] * 1000] * 1000",
        "x = 'a' * 10 ** 12",
        "x = 9 ** 9 ** 9",
        "x = [i for i in range(10 ** 12)]",
        "def f():\n" + "    g(g(g(g(1))))\n" * 400 + "def g(x):\n    f()\nf()",
        "def f(a):\n    if a:\n        f(a)\n    else:\n        f(a)\nimport torch\nf(torch.rand(1))\n" * 20,
    ],
    ids=["recursion", "endless loop", "lists", "text", "power", "range", "many calls", "two ways each"],
)
def test_programs_without_an_end_are_read_to_one(names, text):
    begin = time.process_time()
    names(text)
    assert time.process_time() - begin < 10  # of the processor


# fmt: off
WORDS = st.sampled_from([
    "x = 1", "y = x + [2]", "for i in x:\n    y = i", "if x:\n    pass", "import torch",
    "x = torch.nn.Linear(1, 2)", "x.y = 3", "x[0] = 1", "def f(a, *b, **c):\n    return a", "y = f(x, x, k=1)",
    "x = lambda q: q.z", "with x as y:\n    pass", "class A(B, x):\n    z = 1", "y = A()", "del x", "x, *y = y",
    "x = x(y)(x)", "x @= y", "y = {**x}", "x = [*y]", "raise x", "y = not x < y <= x", "x = y[::-1]",
    "y = f'{x!r:>{y}}'", "assert x", "x = super().z", "async def g():\n    await x",
    "try:\n    x\nfinally:\n    y", "x = {i: i for i in y if x}", "while x:\n    x += 1", "x = A().b.c()",
    "y = torch.x[x](**y)",
])
# fmt: on


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(WORDS, max_size=12))
def test_no_program_crashes_the_reader(tmp_path, lines):
    text = "\n".join(lines)
    try:
        ast.parse(text)
    except SyntaxError:
        return
    path = tmp_path / "wild.py"
    path.write_text(text)
    Reader(path, registry()).read()


def test_items_of_a_short_known_list_are_read_one_by_one(names):
    found = names("x = []\nfor a in (1, 2):\n    x.append(a)\n")
    assert isinstance(found["x"], Items)
    assert constant(found["x"]) == [1, 2]


def test_a_const_is_shared_not_copied(names):
    found = names("a = 1\nb = a")
    assert isinstance(found["a"], Const)
    assert found["a"] is found["b"]
