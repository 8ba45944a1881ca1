"""A program's text by blocks."""

import ast

from small_programs import followed

from diagnose.training.text import blocks, key_of

PROGRAM = """
state = torch.load('a')
def restore(net):
    def inner():
        save()
    if net:
        net.load_state_dict(state['model'])
    return state.get('epoch', 0)
"""


def test_each_function_is_a_block_of_its_own(tmp_path):
    reader = followed(tmp_path, PROGRAM)
    module, restore, inner = blocks(reader)
    assert (module.name, restore.name, inner.name) == ("", "restore", "inner")
    (load,) = restore.calls("load_state_dict")
    assert restore.at(load).line == 7
    assert [type(one) for one in restore.above(load)][:2] == [ast.Expr, ast.If]
    assert not list(restore.calls("save"))
    assert ast.unparse(module.given("state", 9)) == "torch.load('a')"
    assert module.given("state", 1) is None
    assert blocks(reader) is blocks(reader)


def test_keys_of_tables(tmp_path):
    restore = blocks(followed(tmp_path, PROGRAM))[1]
    assert [found[1] for node in restore.nodes if (found := key_of(node))] == ["model", "epoch"]


def test_files_that_say_nothing_of_states_are_left_out(tmp_path):
    assert blocks(followed(tmp_path, "import net\nx = 1\n", net="class Net:\n    pass\n")) == []
