"""Calls that are not followed, and what they may reach."""

import pytest
from small_programs import followed, names

from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Const, Instance, Items, Ref, Table, Thing, unknown
from diagnose.model import Location
from diagnose.training.unfollowed import described, unfollowed_calls, within

AT = Location("a.py", 1)
HEAD = "import torch, elsewhere\nfrom torch import nn\nnet = nn.Linear(2, 2)\nnet(torch.rand(2, 2)).sum().backward()\n"


def calls(tmp_path, text, **files):
    reader = followed(tmp_path, HEAD + text, **files)
    return reader, unfollowed_calls(reader)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("elsewhere.use(net)", ["elsewhere.use()"]),
        ("elsewhere.Trainer(net).fit()", ["elsewhere.Trainer()", "elsewhere.Trainer.fit()"]),
        ("class Net(elsewhere.Base):\n    pass\nNet().prepare(net)", ["Net.prepare()"]),
        ("undefined(net)", ["a function that is not known"]),
        ("[f(net) for f in elsewhere.hooks]", ["a function that is not known"]),
        ("undefined.use(net)", ["use()"]),
        ("for f in [torch.relu]:\n    f(net)", []),
        ("def again(x):\n    again(x)\nagain(net)", ["again()"]),
        ("torch.save(net, 'a')\nprint(net)\nnet.train()", []),
        ("elsewhere.print_summary(net)\nelsewhere.log(net)", []),
        ("def own(x):\n    return x\nown(net)", []),
        ("class Own:\n    def use(self, x):\n        pass\nOwn().use(net)", []),
    ],
)
def test_which_calls_are_not_followed(tmp_path, text, what):
    assert [call.what for call in calls(tmp_path, text)[1]] == what


@pytest.mark.parametrize(
    "given", ["net", "[net]", "{'a': (net,)}", "model=net", "Holder(net)", "nn.Sequential(net)", "net.weight",
              "Holder(net).run"],
)  # fmt: skip
def test_a_call_reaches_what_it_received_however_deep(tmp_path, given):
    holder = "class Holder:\n    def __init__(self, net):\n        self.net = net\n    def run(self):\n        pass\n"
    reader, (call,) = calls(tmp_path, f"{holder}elsewhere.use({given})")
    assert call.reaches([names(reader)["net"]])
    assert not call.reaches([None])


def test_a_call_does_not_reach_what_it_did_not_receive(tmp_path):
    reader, (call,) = calls(tmp_path, "other = nn.Linear(3, 3)\nelsewhere.use(other)")
    assert not call.reaches([names(reader)["net"]])


def test_a_function_handed_over_reaches_everything_unless_it_was_read(tmp_path):
    function = "def later():\n    net.eval()\n"
    reader, (call,) = calls(tmp_path, f"{function}elsewhere.use(later)")
    assert call.anything
    assert call.reaches([names(reader)["net"]])
    assert not calls(tmp_path, f"{function}later()\nelsewhere.use(later)")[1][0].anything


def test_a_process_that_is_started_with_a_function_may_do_anything(tmp_path):
    text = "import multiprocessing\ndef work(n):\n    pass\nmultiprocessing.Process(target=work, args=(net,)).start()"
    assert any(call.anything for call in calls(tmp_path, text)[1])


def test_a_known_loader_of_weights_says_so(tmp_path):
    _, (call,) = calls(tmp_path, "from timm.models import load_checkpoint\nload_checkpoint(net, 'a.pt')")
    assert (call.loads, call.at.line) == (True, 6)


def test_values_within_values_end_where_they_hold_each_other():
    table = Table(AT, {})
    table.pairs["self"] = Items(AT, (table, Const(AT, 1)))
    assert len(list(within([table]))) == 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Ref(AT, "a.b"), "a.b"),
        (Thing(AT, name=".fit", base=Thing(AT, name="a.T")), "a.T.fit"),
        (Thing(AT, name="()", base=Thing(AT, name="a.T")), "a.T(…)"),
        (unknown(Reason.RUN, "why", AT), "an object that is not known"),
        (None, "an object that is not known"),
    ],
)
def test_a_callee_as_the_program_writes_it(value, text):
    assert described(value) == text
    assert not isinstance(value, Instance)
