"""Pieces of programs from forums become Python, line for line; what resists is left out and reported."""

import ast

import pytest

from diagnose.interpreter.pasted import cleaned, in_order


@pytest.mark.parametrize(
    ("pasted", "text"),
    [
        ("Look:\n```python\nx = 1\n```\nwhy?\n~~~\ny = 2\n~~~\n", "\n\nx = 1\n\n\n\ny = 2\n\n"),
        (">>> for a in b:\n...     f(a)\n...\n3\n>>> c\n", "for a in b:\n    f(a)\n\n\nc\n"),
        ("In [1]: x = 1\nOut[1]: 1\nIn [2]: y = 2\n", "x = 1\n\ny = 2\n"),
        ("    x = 1\n    y = 2\n", "x = 1\ny = 2\n"),
        ("for a in b:\n    f(a)\n    ...\n    [...]\n    # ...\n", "for a in b:\n    f(a)\n\n\n\n"),
        ("for a in b:\n    .....\nc = 1\n", "for a in b: pass\n\nc = 1\n"),
        ("x = 1\n    y = 2\n    z = 3\n", "x = 1\ny = 2\nz = 3\n"),
        ("if a:\n        x = 1\n    y = 2\n", "if a:\n        x = 1\ny = 2\n"),
        ("for e in r:\nfor x in d:\n    f(x)\n\ng()\n", "for e in r:\n    for x in d:\n        f(x)\n\ng()\n"),
        ("def f():\n", "def f(): pass\n"),
        ("while a:  # here\n\n", "while a: pass\n\n"),
        ("try:\n    f()\ng()\n", "if True:\n    f()\ng()\n"),
        ("elif a == 1:\n    f()\nelse:\n    g()\n", "if a == 1:\n    f()\nelse:\n    g()\n"),
        ("else:\n    g()\n", "if True:\n    g()\n"),
        ("print 'a', b\n", "print('a', b)\n"),
        ("if a:\n\tf()\n\tg()\n", "if a:\n    f()\n    g()\n"),
        ("x = \u201ca\u201d\u00a0+ \u2018b\u2019\n", "x = \"a\" + 'b'\n"),
        ("if a &gt; 1 &amp;&amp; b:\n    x = 1\ny = a &lt; 2\n", "if True: pass\n"),
        ("return x\n", "return x\n"),
    ],
)  # fmt: skip
def test_it_becomes_python_line_for_line(pasted, text):
    piece = cleaned(pasted)
    ast.parse(piece.text)
    if "&&" not in pasted and "&amp;&amp;" not in pasted:
        assert piece.text == text
        assert piece.left_out == ()
    assert piece.text.count("\n") == pasted.count("\n")


@pytest.mark.parametrize(
    ("pasted", "left_out"),
    [
        ("x = 1\nany help is welcome!\ny = 2\n", (2,)),
        ("x = 1\nTraceback (most recent call last):\n  File 'a.py', line 3\nValueError: no\n", (2, 3)),
        ("x = f(1,\ny = 2\n", (1,)),
        ("x = 1\ny = 'no end\n", (2,)),
    ],
)
def test_what_is_no_python_is_left_out(pasted, left_out):
    piece = cleaned(pasted)
    assert set(left_out) <= set(piece.left_out)
    ast.parse(piece.text)


@pytest.mark.parametrize("pasted", ["", "\n\n", "!!!\n???\n", "```\n```\n", "\0\n"])
def test_nothing_readable_is_nothing(pasted):
    assert not cleaned(pasted).text.strip()


def test_definitions_behind_their_use_come_first():
    tree = in_order(ast.parse("for x in d:\n    opt.step()\nimport torch\nopt = torch.optim.SGD(p, 0.1)\nprint(opt)\n"))
    assert [type(node).__name__ for node in tree.body] == ["Import", "Assign", "For", "Expr"]


def test_statements_in_their_order_stay():
    text = "opt = f()\nfor x in d:\n    loss = g(opt)\nlast = loss\n"
    assert ast.unparse(in_order(ast.parse(text))) + "\n" == text
