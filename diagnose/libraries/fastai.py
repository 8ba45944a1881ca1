"""fastai's Learner: the network that vision_learner makes, what is frozen, and the fits that train it.

Defaults are those of fastai 2, or of fastai 1 where the data come from fastai 1. fine_tune is read as its second phase,
in which everything trains; the epochs of the head alone before it count as its warm-up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose.catalogue import architectures
from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Call, Class, Const, Function, Items, Ref, Table, Thing, Value, plain, unknown
from diagnose.libraries import loops, networks
from diagnose.libraries.fastai_data import KNOWN, add_normalize, imagenet, is_data, normalizes, of_the_model
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay("fastai")

RATE, OLDER_RATE = 1e-3, 3e-3  # of a Learner in fastai 2; of a fit in fastai 1
DECAY = 0.01  # of fastai's Adam, and of every fit in fastai 1
BASE_RATE, LR_MULT = 2e-3, 100.0  # of fine_tune
HIDDEN, DROPOUT = 512, 0.5  # of the head that vision_learner makes
RISING, DIVISOR = {"fit_one_cycle": 0.25, "fine_tune": 0.3}, {"fit_one_cycle": 25.0, "fine_tune": 5.0}
SCHEDULE = "torch.optim.lr_scheduler."
FITS = (".fit", ".fit_one_cycle", ".fit_flat_cos", ".fit_sgdr", ".fine_tune")


def _is_learner(value: Value | None) -> bool:
    return isinstance(value, Thing) and value.name == "fastai.Learner"


def _is_none(value: Value | None) -> bool:
    return value is None or (isinstance(value, Const) and value.data is None)


# ---------------------------------------------------------------------- losses and optimizers


@OVERLAY.handles("fastai.CrossEntropyLossFlat", "fastai.BCEWithLogitsLossFlat", "fastai.BCELossFlat",
                 "fastai.MSELossFlat")  # fmt: skip
def _flat(reader: Reader, base: Value | None, call: Call) -> Value | None:
    function = getattr(call.node, "func", None)
    name = getattr(function, "attr", getattr(function, "id", "CrossEntropyLossFlat"))
    kwargs = {key: value for key, value in call.kwargs.items() if key not in ("axis", "is_2d", "floatify")}
    return Thing(call.at, name=f"torch.nn.{name.removesuffix('Flat')}", kwargs=kwargs)


@OVERLAY.handles("fastai.LabelSmoothingCrossEntropy", "fastai.LabelSmoothingCrossEntropyFlat")
def _smoothing(reader: Reader, base: Value | None, call: Call) -> Value | None:
    smoothing = call.arg(0, "eps") or Const(call.at, 0.1)
    return Thing(call.at, name="torch.nn.CrossEntropyLoss", kwargs={"label_smoothing": smoothing})


def _optimizer(name: str, made: str, decay: float, momentum: bool = False) -> None:
    """One of fastai's optimizers, which are torch's with decoupled weight decay."""

    @OVERLAY.handles(f"fastai.{name}")
    def run(reader: Reader, base: Value | None, call: Call) -> Value | None:
        kwargs: dict[str, Value] = {"weight_decay": call.kwargs.get("wd") or Const(call.at, decay)}
        if (rate := call.arg(1, "lr")) is not None:
            kwargs["lr"] = rate
        if momentum:
            kwargs["momentum"] = call.arg(2, "mom") or Const(call.at, 0.0)
        short = made
        if name == "Adam" and plain(call.kwargs.get("decouple_wd"), True) is False:
            short = "Adam"
        return Thing(call.at, name=f"torch.optim.{short}", args=call.args[:1], kwargs=kwargs)


_optimizer("Adam", "AdamW", DECAY)
_optimizer("SGD", "SGD", 0.0, momentum=True)
_optimizer("RMSProp", "RMSprop", 0.0)
_optimizer("RAdam", "RAdam", 0.0)
_optimizer("Lamb", "Lamb", 0.0)
_optimizer("Larc", "LARS", 0.0)
_optimizer("ranger", "RAdam", DECAY)


@OVERLAY.handles("fastai.OptimWrapper")
def _wrapped(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """One of torch's optimizers, or its class."""
    made = call.kwargs.get("opt")
    if made is None:
        return call.arg(0, "params")
    names = {"wd": "weight_decay", "mom": "momentum"}
    without = ("opt",) if isinstance(made, Ref) and made.name.endswith("SGD") else ("opt", "mom")
    kwargs = {names.get(key, key): value for key, value in call.kwargs.items() if key not in without}
    return reader.call(made, Call(call.args, kwargs, call.at))


# ---------------------------------------------------------------------- learners


@OVERLAY.handles("fastai.Learner")
def _learner(reader: Reader, base: Value | None, call: Call) -> Value | None:
    model = call.arg(1, "model")
    return _made(call, call.arg(0, "dls", "data"), model, call.arg(2, "loss_func")) if model is not None else None


def _made(call: Call, data: Value | None, model: Value, loss: Value | None, head: Value | None = None) -> Thing:
    made = Thing(call.at, name="fastai.Learner", args=call.args, kwargs=call.kwargs, attrs={"model": model})
    for name, value in (("dls", data), ("data", data), ("loss_func", loss), ("__head__", head)):
        if value is not None and not _is_none(value):
            made.attrs[name] = value
    return made


@OVERLAY.handles("fastai.vision_learner", "fastai.cnn_learner", "fastai.create_cnn", "fastai.ConvLearner")
def _vision_learner(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """A body, and a new head; the body is frozen where it is pretrained."""
    data, arch = call.arg(0, "dls", "data"), call.arg(1, "arch", "base_arch")
    pretrained = call.kwargs.get("pretrained") or Const(call.at, True)
    if arch is None:
        return None
    model = _body(reader, arch, pretrained, call) or unknown(
        Reason.UNFOLLOWED, "its architecture is not known", call.at
    )
    head = _put_head(reader, model, call)
    older = isinstance(data, Thing) and "__older__" in data.attrs
    if is_data(data) and not older and plain(pretrained) and plain(call.kwargs.get("normalize"), True):
        assert isinstance(data, Thing)
        _normalize(reader, data, arch, call.at)
    made = _made(call, data, model, call.kwargs.get("loss_func"), head)
    if plain(pretrained) is not False:
        _train_body(reader, made, Const(call.at, False))
    return made


def _body(reader: Reader, arch: Value, pretrained: Value, call: Call) -> Value | None:
    """The library's network for an architecture: a factory function, or a timm name."""
    if isinstance(arch, Const):
        return Thing(call.at, name="timm.create_model", args=(arch,), kwargs={"pretrained": pretrained})
    if isinstance(arch, Ref):
        name = arch.name.rpartition(".")[2]
        if name.startswith("xres"):
            return reader.call(arch, Call((), {}, call.at)) if plain(pretrained) is False else None
        if architectures.find(name) is None:
            return None
        weights = call.kwargs.get("weights")
        given = {"weights": weights} if weights is not None and not _is_none(weights) else {"pretrained": pretrained}
        return Thing(call.at, name=f"torchvision.models.{name}", kwargs=given)
    if isinstance(arch, Function | Class):
        return reader.call(arch, Call((pretrained,), {}, call.at))
    return None


def _put_head(reader: Reader, model: Value, call: Call) -> Value | None:
    """Replace the network's last layers by a head: two linear layers, or the given one."""
    at, names = call.at, networks.family(model)
    if not isinstance(model, Thing) or not names:
        return None
    head = call.kwargs.get("custom_head")
    if head is None or _is_none(head):
        outputs = call.kwargs.get("n_out") or unknown(Reason.UNFOLLOWED, "the data say how many classes there are", at)
        hidden = call.kwargs.get("lin_ftrs")
        widths = hidden.items if isinstance(hidden, Items) else (Const(at, HIDDEN),)
        dropout = call.kwargs.get("ps") or Const(at, DROPOUT)
        layers: list[Value] = [Thing(at, name="torch.nn.Flatten")]
        before: Value = unknown(Reason.PLACEHOLDER, "the body's features", at)
        for width in widths:
            layers += [Thing(at, name="torch.nn.BatchNorm1d", args=(before,)), _linear(at, before, width),
                       Thing(at, name="torch.nn.ReLU")]  # fmt: skip
            before = width
        layers += [Thing(at, name="torch.nn.BatchNorm1d", args=(before,)),
                   Thing(at, name="torch.nn.Dropout", args=(dropout,)), _linear(at, before, outputs)]  # fmt: skip
        head = Thing(at, name="torch.nn.Sequential", args=tuple(layers))
    reader.write(model.attrs, names[-1], head)
    return head


def _linear(at: Location, inputs: Value, outputs: Value) -> Thing:
    return Thing(at, name="torch.nn.Linear", args=(inputs, outputs), kwargs={"bias": Const(at, False)})


def _normalize(reader: Reader, data: Thing, arch: Value | None, at: Location) -> None:
    """Normalise by the statistics of the architectures that fastai knows, and of all of timm's; no others."""
    if normalizes(data):
        return
    name = arch.name.rpartition(".")[2] if isinstance(arch, Ref) else ""
    if name in KNOWN or name.startswith("xresnet"):
        add_normalize(reader, data, imagenet(at))
    elif not name and not isinstance(arch, Function | Class):  # a timm name, or an unknown one
        add_normalize(reader, data, of_the_model(at))


def _own_network(size: int) -> None:
    """Handle fastai's own residual networks, whose layers are not followed."""

    @OVERLAY.handles(f"fastai.xresnet{size}")
    def run(reader: Reader, base: Value | None, call: Call) -> Value | None:
        return Thing(call.at, name=f"torch.nn.XResNet{size}", args=call.args, kwargs=call.kwargs)


for _size in (18, 34, 50, 101, 152):
    _own_network(_size)


# ---------------------------------------------------------------------- what is frozen


def _parts(learner: Thing) -> tuple[list[Value], list[Value]]:
    """The parameters of the body and of the head; all count as the head's where the learner has no parts."""
    model, head = learner.attrs["model"], learner.attrs.get("__head__")
    everything = [parameter for _, parameter in networks.parameters(model)]
    if head is None:
        return [], everything
    own = {id(parameter) for _, parameter in networks.parameters(head)}
    return [one for one in everything if id(one) not in own], [one for one in everything if id(one) in own]


def _train_body(reader: Reader, learner: Thing, flag: Value) -> None:
    for parameter in _parts(learner)[0]:
        reader.set_attribute(parameter, "requires_grad", flag, flag.at)


@OVERLAY.handles(".freeze", ".unfreeze", ".freeze_to", of=_is_learner)
def _freeze(reader: Reader, learner: Value | None, call: Call) -> Value | None:
    assert isinstance(learner, Thing)
    name = getattr(getattr(call.node, "func", None), "attr", "freeze")
    last = plain(call.arg(0, "n")) if name == "freeze_to" else {"freeze": -1, "unfreeze": 0}[name]
    flag: Value = Const(call.at, last == 0)
    if last not in (0, -1):
        flag = unknown(Reason.UNFOLLOWED, "freeze_to() leaves a part of the body trainable", call.at)
    _train_body(reader, learner, flag)
    return Const(call.at, None)


@OVERLAY.handles(".to_fp16", ".to_fp32", ".to_native_fp16", ".to_native_fp32", ".to_bf16", ".to_parallel",
                 ".to_distributed", of=_is_learner)  # fmt: skip
def _itself(reader: Reader, learner: Value | None, call: Call) -> Value | None:
    return learner


@OVERLAY.handles(".mixup", of=_is_learner)
def _mixup(reader: Reader, learner: Value | None, call: Call) -> Value | None:
    assert isinstance(learner, Thing)
    reader.write(learner.attrs, "__mixes__", Thing(call.at, name="fastai.MixUp"))
    return learner


@OVERLAY.handles(".load", of=_is_learner)
def _load(reader: Reader, learner: Value | None, call: Call) -> Value | None:
    """Load weights from a file, unless this training itself saved them on an earlier line."""
    assert isinstance(learner, Thing)
    path = call.arg(0, "file", "name")
    own = any(plain(one.args[0], ...) == plain(path) for one in reader.trace.calls(".save", of=learner) if one.args)
    if path is not None and not own:
        state = Thing(path.at, name="torch.load", args=(path,))
        model = learner.attrs["model"]
        reader.event("call", ".load_state_dict", model, Call((state,), {}, call.at), model)
    return learner


# ---------------------------------------------------------------------- fits


@OVERLAY.handles(*FITS, of=_is_learner)
def _fit(reader: Reader, learner: Value | None, call: Call) -> Value | None:
    assert isinstance(learner, Thing)
    name = getattr(getattr(call.node, "func", None), "attr", "fit")
    epochs = call.arg(0, "n_epoch", "epochs", "cyc_len", "n_cycles") or unknown(
        Reason.UNREAD, "its epochs are not given", call.at
    )
    if name == "fine_tune":
        _train_body(reader, learner, Const(call.at, True))
        rates = _fine_tuning_rates(call.arg(1, "base_lr"), call.kwargs.get("lr_mult"), call.at)
    else:
        place = 2 if name == "fit_sgdr" else 1  # after the cycle length
        rates = _rates(learner, call.arg(place, "lr_max", "lr", "max_lr"), call.at)
    if name == "fit_sgdr":
        epochs = unknown(Reason.UNFOLLOWED, "its cycles grow", epochs.at)
    optimizer = _make_optimizer(reader, learner, rates, name, call)
    schedule = _schedule(reader, optimizer, rates[1], name, call)
    _loop(reader, learner, epochs, loops.configuration(call.at, optimizer, schedule, every_batch=True), call.at)
    return Const(call.at, None)


def _rates(learner: Thing, given: Value | None, at: Location) -> tuple[Value, Value]:
    """The learning rates of the body and of the head: one for both, or from slice(lowest, highest) or a list."""
    older = isinstance(learner.attrs.get("dls"), Thing) and "__older__" in learner.attrs["dls"].attrs
    if given is None or _is_none(given):
        own = learner.kwargs.get("lr")
        if older:
            return Const(at, OLDER_RATE / 10), Const(at, OLDER_RATE)
        given = own if own is not None else Const(learner.at, RATE)
    if isinstance(given, Thing) and given.name == "builtins.slice" and given.args:
        lowest, highest = (given.args[0], given.args[1]) if len(given.args) > 1 else (None, given.args[0])
        return (_times(highest, 0.1) if lowest is None or _is_none(lowest) else lowest), highest
    if isinstance(given, Items) and given.items:
        return given.items[0], given.items[-1]
    return given, given


def _fine_tuning_rates(base: Value | None, mult: Value | None, at: Location) -> tuple[Value, Value]:
    head = _times(base or Const(at, BASE_RATE), 0.5)
    share = plain(mult, LR_MULT) if mult is not None else LR_MULT
    return _times(head, 1 / share) if isinstance(share, int | float) and share else head, head


def _times(value: Value, factor: float) -> Value:
    number = plain(value)
    usable = isinstance(number, int | float) and not isinstance(number, bool)
    return Const(value.at, number * factor) if usable else value


def _make_optimizer(reader: Reader, learner: Thing, rates: tuple[Value, Value], fit: str, call: Call) -> Value:
    """The learner's optimizer over its model, in groups where the body has its own learning rate."""
    body, head = _parts(learner)
    low, high = rates
    flags = [plain(one.attrs.get("requires_grad")) for one in body if isinstance(one, Thing)]
    frozen = bool(flags) and not any(flag is not False for flag in flags)
    over: Value
    if body and low is not high and not frozen:
        groups = ((body, low), (head, high))
        over = Items(call.at, tuple(
            Table(call.at, {"params": Items(call.at, tuple(part)), "lr": rate}) for part, rate in groups
        ))  # fmt: skip
        kwargs: dict[str, Value] = {}
    else:
        over = reader.method(learner.attrs["model"], "parameters", Call((), {}, call.at))
        kwargs = {"lr": high}
    older = isinstance(learner.attrs.get("dls"), Thing) and "__older__" in learner.attrs["dls"].attrs
    make = learner.kwargs.get("opt_func") or Ref(call.at, "torch.optim.AdamW" if older else "fastai.Adam")
    decay = call.kwargs.get("wd") or learner.kwargs.get("wd")
    if decay is not None and not _is_none(decay):
        kwargs["weight_decay" if older else "wd"] = decay
    elif older:
        kwargs["weight_decay"] = Const(call.at, DECAY)
    if fit != "fit" and not older and fit not in ("fit_flat_cos", "fit_sgdr"):
        kwargs["mom"] = unknown(
            Reason.UNFOLLOWED, "fastai's one-cycle schedule moves it from 0.95 to 0.85 and back", call.at
        )
    return reader.call(make, Call((over,), kwargs, call.at))


def _schedule(reader: Reader, optimizer: Value, peak: Value, fit: str, call: Call) -> Value | None:
    """The schedule of a fit, stepped for every batch; None for fit(), whose learning rate is constant."""
    at = call.at
    if fit == "fit":
        return None
    if fit in ("fit_flat_cos", "fit_sgdr"):
        name = "CosineAnnealingLR" if fit == "fit_flat_cos" else "CosineAnnealingWarmRestarts"
        return reader.call(Ref(at, SCHEDULE + name), Call((optimizer,), {}, at))
    kwargs = {
        "max_lr": peak,
        "pct_start": call.kwargs.get("pct_start") or Const(at, RISING[fit]),
        "div_factor": call.kwargs.get("div") or Const(at, DIVISOR[fit]),
        "final_div_factor": call.kwargs.get("div_final") or Const(at, 1e5),
    }
    return reader.call(Ref(at, f"{SCHEDULE}OneCycleLR"), Call((optimizer,), kwargs, at))


def _loop(reader: Reader, learner: Thing, epochs: Value, configured: Value, at: Location) -> None:
    model, data = learner.attrs["model"], learner.attrs.get("dls")
    known = data.attrs if isinstance(data, Thing) and is_data(data) else {}
    train = known.get("train") or unknown(Reason.UNFOLLOWED, "its data was not followed", at)
    criterion = learner.attrs.get("loss_func")
    if criterion is None and "__loss__" in known:
        criterion = Thing(learner.at, name=f"torch.nn.{known['__loss__']}")
    with loops.epochs(reader, "fastai", epochs, at):
        loops.train_mode(reader, model, at)
        with loops.batches(reader, train, at) as batch:
            images, labels = loops.inputs_and_labels(batch, at)
            for mix in _mixes(learner, at):
                images = reader.call(mix, Call((images,), {}, at))
            outputs = reader.call(model, Call((images,), {}, at))
            loss: Value = unknown(Reason.UNFOLLOWED, "its loss is the data's, which were not followed", learner.at)
            if criterion is not None:
                loss = reader.call(criterion, Call((outputs, labels), {}, learner.at))
            loops.backward(reader, loss, configured)
        held_out = known.get("valid") if known else unknown(Reason.UNFOLLOWED, "its data was not followed", at)
        if held_out is not None:
            with loops.evaluation(reader, model, at), loops.batches(reader, held_out, at) as batch:
                reader.call(model, Call((loops.inputs_and_labels(batch, at)[0],), {}, at))


def _mixes(learner: Thing, at: Location) -> list[Thing]:
    """The callbacks that mix images, as the equivalent transforms."""
    given = learner.kwargs.get("cbs") or learner.attrs.get("__mixes__")
    callbacks = given.items if isinstance(given, Items) else (given,)
    names = [one.name.rpartition(".")[2] for one in callbacks if isinstance(one, Ref | Thing)]
    return [Thing(at, name=f"torchvision.transforms.v2.{name}") for name in names if name in ("MixUp", "CutMix")]
