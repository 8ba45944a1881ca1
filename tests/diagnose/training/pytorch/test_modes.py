"""The mode of each network at each of its calls; what may have switched it leaves it unknown."""

import pytest
from small_programs import found, reading, training

LOOP = "with torch.no_grad():\n    for x, y in val_loader:\n        {call}"
PLAIN = LOOP.format(call="model(x.cuda())")


def read(tmp_path, validate, top="", **parts):
    return reading(tmp_path, training(validate=validate, top="torch.manual_seed(0)\n" + top, **parts))


def modes(read_, phase="validation"):
    return [act.mode for act in read_.program.acts if act.what == "forward" and act.phase == phase]


@pytest.mark.parametrize(
    ("validate", "mode"),
    [
        (PLAIN, "train"),
        ("model.eval()\n" + PLAIN, "eval"),
        ("model.train(False)\n" + PLAIN, "eval"),
        ("model.train(mode=True)\n" + PLAIN, "train"),
        ("model.train(torch.rand(1) > 0.5)\n" + PLAIN, ""),
        ("for net in [model]:\n    net.eval()\n" + PLAIN, "eval"),
        ("model.apply(lambda m: m.eval())\n" + PLAIN, ""),
        ("model.apply(lambda m: m.float())\n" + PLAIN, "train"),
        ("model.layer1.eval()\n" + PLAIN, ""),
        ("from elsewhere import freeze\nfreeze(model)\n" + PLAIN, ""),
    ],
)
def test_the_mode_in_which_it_validates(tmp_path, validate, mode):
    read_ = read(tmp_path, validate)
    assert modes(read_) == [mode]
    assert found(read_, "C311") is (mode == "train")


def test_a_network_trains_in_the_mode_that_torch_gives_it(tmp_path):
    assert modes(read(tmp_path, "", mode="pass"), "train") == ["train"]


def test_a_mode_that_a_context_manager_sets_is_unknown(tmp_path):
    function = """
from contextlib import contextmanager
@contextmanager
def evaluating(net):
    net.eval()
    yield net
    net.train()
"""
    assert modes(read(tmp_path, f"with evaluating(model):\n    {indented(PLAIN)}", function)) == [""]
    cls = "class Evaluating:\n    def __init__(self, net):\n        self.net = net\n    def __enter__(self):\n" + (
        "        self.net.eval()\n    def __exit__(self, *_):\n        self.net.train()"
    )
    assert modes(read(tmp_path, f"with Evaluating(model):\n    {indented(PLAIN)}", cls)) == [""]


def indented(text):
    return text.replace("\n", "\n    ")


@pytest.mark.parametrize("made", ["def in_eval(f):\n    return f", "from elsewhere import in_eval"])
def test_a_decorator_may_switch_the_mode(tmp_path, made):
    function = f"{made}\n@in_eval\ndef evaluate():\n    {indented(PLAIN)}"
    read_ = read(tmp_path, "evaluate()", function)
    assert modes(read_) == [""]
    assert not found(read_, "C311")


def test_no_grad_as_a_decorator_does_not_hide_the_mode(tmp_path):
    function = "@torch.no_grad()\ndef evaluate():\n    for x, y in val_loader:\n        model(x)"
    read_ = read(tmp_path, "evaluate()", function)
    assert modes(read_) == ["train"]
    assert found(read_, "C311")


def test_the_mode_of_one_network_is_not_that_of_another(tmp_path):
    teacher = "teacher = models.resnet101(weights='DEFAULT').cuda()\nteacher.eval()"
    read_ = read(tmp_path, "teacher.eval()\n" + PLAIN, before=teacher)
    assert modes(read_) == ["train"]
    both = "for net in (teacher, model):\n    net.eval()\n" + PLAIN
    assert modes(read(tmp_path, both, before=teacher)) == ["eval"]


def test_a_mode_set_through_what_may_be_any_network_is_unknown(tmp_path):
    read_ = read(tmp_path, "for net in registry:\n    net.eval()\n" + PLAIN, "from elsewhere import registry")
    assert modes(read_) == [""]


def test_a_function_handed_over_may_switch_every_mode(tmp_path):
    read_ = read(tmp_path, "run(switch)\n" + PLAIN, "from elsewhere import run\ndef switch():\n    model.eval()")
    assert modes(read_) == [""]
