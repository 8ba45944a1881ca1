"""The loops of libraries: what stands in them, and how the network is in each."""

from small_programs import followed, names

from diagnose.interpreter.values import Const, Items, Table, Thing, plain
from diagnose.libraries import loops
from diagnose.libraries.wrappers import is_no_grad


def test_what_a_loop_of_a_library_leaves_in_the_trace(tmp_path):
    reader = followed(tmp_path, "import torch\nnet = torch.nn.Linear(2, 3)\nx = 1\n")
    net, at = names(reader)["net"], names(reader)["x"].at
    loader = Thing(at, name="torch.utils.data.DataLoader")
    with loops.epochs(reader, "Some", Const(at, 7), at):
        loops.train_mode(reader, net, at)
        with loops.batches(reader, loader, at) as batch:
            loops.backward(reader, batch, loops.configuration(at, net, None))
        with loops.evaluation(reader, net, at):
            reader.event("call", "inside", None, _call(at), net)
    assert reader.loops == reader.contexts == []
    made = [(event.kind, event.name, len(event.loops)) for event in reader.trace][-4:]
    assert made == [
        ("managed", ".train", 1),
        ("managed", ".backward", 2),
        ("managed", ".eval", 1),
        ("call", "inside", 1),
    ]
    over = reader.trace[-1].loops[0].over
    assert (plain(over.args[0]), over.attrs["library"]) == (7, "Some")
    assert [is_no_grad(context) for context in reader.trace[-1].contexts] == [True]


def _call(at):
    from diagnose.interpreter.values import Call

    return Call((), {}, at)


def test_schedules_with_where_they_are_stepped(tmp_path):
    reader = followed(tmp_path, "x = 1")
    value = names(reader)["x"]
    for every_batch, interval in ((True, "step"), (False, "epoch")):
        result = loops.configuration(value.at, value, value, every_batch)
        assert isinstance(result, Items)
        assert isinstance(result.items[0], Table)
        assert plain(result.items[0].pairs["interval"]) == interval


def test_the_parts_of_a_batch(tmp_path):
    at = names(followed(tmp_path, "x = 1"))["x"].at
    pair = Items(at, (Const(at, 1), Const(at, 2)))
    assert [plain(one) for one in loops.inputs_and_labels(pair, at)] == [1, 2]
    whole = Thing(at, name="item")
    assert [one.base is whole for one in loops.inputs_and_labels(whole, at)] == [True, True]
    assert loops.hook(None, whole, "training_step", at=at) is None
