import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.fixes.script import Script

TEXT = """\
import torch  # ünïcode, so that bytes and letters differ

for epoch in range(3):
    for x in loader:
        step(x); log(x)
        keep(x)  # why
    save([a(1), b("é"),
          c(3)])
"""


@pytest.fixture
def script():
    return Script(TEXT)


def test_an_expression_is_replaced_to_the_letter(script):
    (call, *_) = [one for one in script.nodes(ast.Call, 7) if script.source(one.func) == "b"]
    assert script.spliced([script.replaced(call, "ß")]) == TEXT.replace('b("é")', "ß")


def test_statements_come_before_and_behind_as_far_in(script):
    keep = script.statement(6)
    assert script.spliced([script.before(keep, "new()")]) == TEXT.replace("        keep", "        new()\n        keep")
    assert script.spliced([script.after(keep, "new()")]) == TEXT.replace("why\n", "why\n        new()\n")
    assert script.spliced([script.deleted(keep)]) == TEXT.replace("        keep(x)  # why\n", "")


def test_only_a_statement_on_lines_of_its_own_is_alone(script):
    assert script.alone(script.statement(6))
    assert not script.alone(script.statement(5))
    (body,) = Script("if x:\n    y()\n").tree.body[0].body
    one = Script("if x:\n    y()\n")
    assert not one.alone(one.tree.body[0].body[0])
    assert body is not None


def test_an_item_goes_with_one_comma(script):
    items = next(node for node in ast.walk(script.tree) if isinstance(node, ast.List)).elts
    texts = []
    for item in items:
        others = [other for other in items if other is not item]
        changed = script.spliced([script.without_item(item, others)])
        ast.parse(changed)
        texts.append(changed.splitlines()[6:])
    assert texts == [
        ['    save([b("é"),', "          c(3)])"],
        ["    save([a(1),", "          c(3)])"],
        ['    save([a(1), b("é")])'],
    ]


def test_a_block_moves_into_another(script):
    inner = script.statement(4)
    changed = script.spliced([script.indented(inner, "with torch.no_grad():")])
    assert "    with torch.no_grad():\n        for x in loader:\n            step(x); log(x)\n" in changed
    ast.parse(changed)


def test_arguments_are_added_with_and_without_others():
    for text, after in (("f()", "f(a=1)"), ("f(x)", "f(x, a=1)"), ("f(b=[2],)", "f(b=[2], a=1,)")):
        script = Script(text)
        (call,) = script.nodes(ast.Call, 1)
        assert script.spliced([script.added_argument(call, "a=1")]) == after


@given(st.text(alphabet="ab=1+()\n 'é#\t\r", max_size=60))
def test_every_expression_is_its_own_text(text):
    try:
        script = Script(text)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(script.tree):
        if isinstance(node, ast.expr):
            assert script.spliced([script.replaced(node, script.source(node))]) == text
