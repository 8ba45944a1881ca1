"""skorch: fit() of its NeuralNet, a loop over arrays or a dataset with the parts given to its constructor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Call, Class, Const, Instance, Items, Ref, Thing, Value, plain, unknown
from diagnose.libraries import loops
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay("skorch", packages=("skorch",), understood=("skorch",))

PLACES = ("module", "criterion", "optimizer", "lr", "max_epochs", "batch_size")  # positional arguments, in order
DEFAULTS = {"optimizer": "torch.optim.SGD", "lr": 0.01, "max_epochs": 10, "batch_size": 128}
LOADER, DATASET = "torch.utils.data.DataLoader", "torch.utils.data.TensorDataset"


def _is_net(value: Value | None) -> bool:
    return isinstance(value, Thing) and value.package == "skorch" and value.short.startswith("NeuralNet")


@OVERLAY.handles(".fit", ".partial_fit", of=_is_net)
def _fit(reader: Reader, net: Value | None, call: Call) -> Value | None:
    assert isinstance(net, Thing)
    at, epochs = net.at, _given(net, "max_epochs")
    images, labels = call.arg(0, "X"), call.arg(1, "y")
    model = _made(reader, net, "module", at)
    if model is None or images is None:
        return None
    device = net.kwargs.get("device") or Const(at, "cpu")
    reader.method(model, "to", Call((device,), {}, device.at))
    criterion = _made(reader, net, "criterion", at)
    optimizer = _made(reader, net, "optimizer", at, reader.method(model, "parameters", Call((), {}, at)))
    schedule, every_batch = _schedule(reader, net, optimizer)
    train = _loader(reader, net, "train", _dataset(reader, images, labels, call.at), at)
    held_out = _held_out(net, at)
    with loops.epochs(reader, "skorch", epochs, at):
        loops.train_mode(reader, model, at)
        with loops.batches(reader, train, at) as batch:
            loss = _loss(reader, model, criterion, batch, at)
            if loss is not None and optimizer is not None:
                loops.backward(reader, loss, loops.configuration(at, optimizer, schedule, every_batch))
        if held_out is not None:
            with (
                loops.evaluation(reader, model, at),
                loops.batches(reader, _loader(reader, net, "valid", held_out, at), at) as batch,
            ):
                _loss(reader, model, criterion, batch, at)
    return net


def _given(net: Thing, name: str) -> Value:
    """An argument of the net, or its default."""
    value = net.arg(PLACES.index(name), name)
    default = DEFAULTS.get(name)
    if value is not None:
        return value
    return Ref(net.at, default) if isinstance(default, str) else Const(net.at, default)


def _made(reader: Reader, net: Thing, name: str, at: Location, *first: Value) -> Value | None:
    """An instance of a class given to the net, with the arguments that start with the part's name."""
    kind = _given(net, name)
    if name == "criterion" and net.arg(PLACES.index(name), name) is None:
        kind = Ref(at, "torch.nn.NLLLoss" if "Classifier" in net.short else "torch.nn.MSELoss")
    if not isinstance(kind, Ref | Class):
        return kind if isinstance(kind, Thing | Instance) else None
    more = {key.partition("__")[2]: value for key, value in net.kwargs.items() if key.startswith(f"{name}__")}
    if name == "optimizer":
        more.setdefault("lr", _given(net, "lr"))
    return reader.call(kind, Call(first, more, kind.at))


def _dataset(reader: Reader, images: Value, labels: Value | None, at: Location) -> Value:
    """Arrays as a dataset; a dataset unchanged."""
    if labels is None or plain(labels, ...) is None:
        return images
    return reader.call(Ref(at, DATASET), Call((images, labels), {}, at))


def _loader(reader: Reader, net: Thing, name: str, dataset: Value, at: Location) -> Value:
    """A DataLoader, which does not shuffle unless iterator_train__shuffle says so."""
    shared, own = "iterator__", f"iterator_{name}__"
    given = {key.removeprefix(shared): value for key, value in net.kwargs.items() if key.startswith(shared)}
    given |= {key.removeprefix(own): value for key, value in net.kwargs.items() if key.startswith(own)}
    given.setdefault("batch_size", _given(net, "batch_size"))
    return reader.call(Ref(at, LOADER), Call((dataset,), given, at))


def _held_out(net: Thing, at: Location) -> Value | None:
    """The validation images: from predefined_split(), else a part the net splits off; None for train_split=None."""
    split = net.kwargs.get("train_split")
    if split is not None and plain(split, ...) is None:
        return None
    dataset = split.arg(0, "dataset") if isinstance(split, Thing) and split.short == "predefined_split" else None
    if isinstance(dataset, Thing) and dataset.package == "skorch" and dataset.args:
        return Thing(dataset.at, DATASET, dataset.args, dataset.kwargs)
    return dataset or unknown(Reason.UNFOLLOWED, "the net holds a part of its images back", at)


def _loss(reader: Reader, model: Value, criterion: Value | None, batch: Value, at: Location) -> Value | None:
    images, labels = loops.inputs_and_labels(batch, at)
    outputs = reader.call(model, Call((images,), {}, at))
    if criterion is None:
        return None
    if isinstance(criterion, Thing) and criterion.short == "NLLLoss":  # the net itself applies the logarithm
        outputs = reader.call(Ref(at, "torch.log"), Call((outputs,), {}, at))
    return reader.call(criterion, Call((outputs, labels), {}, at))


def _schedule(reader: Reader, net: Thing, optimizer: Value | None) -> tuple[Value | None, bool]:
    """The schedule of an LRScheduler among the callbacks, and whether each batch steps it."""
    given = net.kwargs.get("callbacks")
    for one in given.items if isinstance(given, Items) else ():
        callback = one.items[1] if isinstance(one, Items) and len(one.items) == 2 else one
        if not isinstance(callback, Thing) or callback.short != "LRScheduler" or optimizer is None:
            continue
        policy = callback.arg(0, "policy")
        own = {k: v for k, v in callback.kwargs.items() if k not in ("policy", "monitor", "event_name", "step_every")}
        every_batch = plain(callback.kwargs.get("step_every"), "epoch") == "batch"
        if isinstance(policy, Const) and isinstance(policy.data, str):
            policy = Ref(policy.at, f"torch.optim.lr_scheduler.{policy.data}")
        if isinstance(policy, Ref):
            return reader.call(policy, Call((optimizer,), own, callback.at)), every_batch
    return None, False
