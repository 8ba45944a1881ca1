"""MosaicML Composer: the loop of its Trainer, its models, optimizers and schedules, in PyTorch's terms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import (
    Call,
    Const,
    Either,
    Instance,
    Items,
    Ref,
    Thing,
    Value,
    is_known,
    plain,
    unknown,
)
from diagnose.libraries import loops
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay("composer", packages=("composer",), understood=("composer",))

CLASSIFIER = "__composer_classifier__"  # attribute of a module: the ComposerClassifier around it
LOSS = "torch.nn.functional.cross_entropy"  # equals soft_cross_entropy with class numbers
DEFAULT_RATE = 0.1  # of the optimizer that the Trainer creates by default
# Composer's schedules in PyTorch: the class, and the arguments that are durations, by PyTorch's names.
SCHEDULES: dict[str, tuple[str, dict[str, str]]] = {
    "StepScheduler": ("StepLR", {"step_size": "step_size"}),
    "MultiStepScheduler": ("MultiStepLR", {"milestones": "milestones"}),
    "MultiStepWithWarmupScheduler": ("MultiStepLR", {"milestones": "milestones"}),
    "ExponentialScheduler": ("ExponentialLR", {}),
    "CosineAnnealingScheduler": ("CosineAnnealingLR", {"t_max": "T_max"}),
    "CosineAnnealingWithWarmupScheduler": ("CosineAnnealingLR", {"t_max": "T_max"}),
    "CosineAnnealingWarmRestartsScheduler": ("CosineAnnealingWarmRestarts", {"t_0": "T_0"}),
    "PolynomialScheduler": ("PolynomialLR", {"t_max": "total_iters"}),
    "PolynomialWithWarmupScheduler": ("PolynomialLR", {"t_max": "total_iters"}),
    "LinearScheduler": ("LinearLR", {"t_max": "total_iters"}),
    "LinearWithWarmupScheduler": ("LinearLR", {"t_max": "total_iters"}),
    "ConstantScheduler": ("ConstantLR", {}),
    "ConstantWithWarmupScheduler": ("ConstantLR", {}),
}
PLACES = {"StepScheduler": ("step_size", "gamma"), "MultiStepScheduler": ("milestones", "gamma"),
          "MultiStepWithWarmupScheduler": ("t_warmup", "milestones", "gamma"),
          "ExponentialScheduler": ("gamma",), "CosineAnnealingScheduler": ("t_max",),
          "CosineAnnealingWithWarmupScheduler": ("t_warmup", "t_max"),
          "CosineAnnealingWarmRestartsScheduler": ("t_0",), "PolynomialScheduler": ("power", "t_max"),
          "PolynomialWithWarmupScheduler": ("t_warmup", "power", "t_max"),
          "LinearScheduler": ("alpha_i", "alpha_f", "t_max"),
          "LinearWithWarmupScheduler": ("t_warmup", "alpha_i", "alpha_f", "t_max")}  # fmt: skip
# Algorithms that change the batches at random, as the equivalent transforms.
ON_BATCHES = {"MixUp": "MixUp", "CutMix": "CutMix", "CutOut": "RandomErasing", "ColOut": "RandomColOut",
              "RandAugment": "RandAugment", "AugMix": "AugMix"}  # fmt: skip


def _is_none(value: Value | None) -> bool:
    return value is None or (isinstance(value, Const) and value.data is None)


def _is_trainer(value: Value | None) -> bool:
    return isinstance(value, Thing) and value.package == "composer" and value.short == "Trainer"


# ---------------------------------------------------------------------- models and optimizers


@OVERLAY.handles("*.ComposerClassifier")
def _classifier(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """A module with a loss: the module itself, which keeps the call's arguments."""
    module = call.arg(0, "module")
    if not isinstance(module, Thing | Instance):
        return None
    made = Thing(call.at, name="composer.models.ComposerClassifier", args=call.args, kwargs=call.kwargs)
    reader.write(module.attrs, CLASSIFIER, made)
    return module


@OVERLAY.handles("<ComposerClassifier")
def _own_classifier(reader: Reader, made: Value | None, call: Call) -> Value | None:
    module = call.arg(0, "module")
    if isinstance(made, Instance) and module is not None:
        reader.write(made.attrs, "module", module)
        kept = Thing(call.at, name="composer.models.ComposerClassifier", args=call.args, kwargs=call.kwargs)
        reader.write(made.attrs, CLASSIFIER, kept)
    return None


@OVERLAY.handles("composer.models.composer_resnet", "composer.models.composer_timm",
                 "composer.models.resnet.composer_resnet", "composer.models.timm.composer_timm")  # fmt: skip
def _named_model(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """Composer's factories for networks of torchvision and timm, with their loss (versions before 0.18)."""
    name = plain(call.arg(0, "model_name"))
    if not isinstance(name, str):
        return None
    weights = call.kwargs.get("weights") or call.kwargs.get("pretrained") or Const(call.at, None)
    classes = {"num_classes": call.kwargs["num_classes"]} if "num_classes" in call.kwargs else {}
    timm = getattr(getattr(call.node, "func", None), "id", "") == "composer_timm"
    callee = "timm.create_model" if timm else f"torchvision.models.{name}"
    args = (call.args or (call.kwargs["model_name"],))[:1] if timm else ()
    made = Thing(call.at, name=callee, args=args, kwargs={"pretrained" if timm else "weights": weights, **classes})
    made.attrs[CLASSIFIER] = Thing(call.at, name="composer.models.ComposerClassifier")
    return made


@OVERLAY.handles("*.DecoupledSGDW", "*.DecoupledAdamW")
def _decoupled(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """SGD and AdamW with decoupled weight decay, which is not multiplied by the learning rate."""
    function = getattr(call.node, "func", None)
    sgd = getattr(function, "attr", getattr(function, "id", "DecoupledSGDW")) == "DecoupledSGDW"
    kwargs = {name: value for name, value in call.kwargs.items() if name != "params"}
    for place, name in enumerate(("lr", "momentum") if sgd else ("lr",), start=1):
        if (value := call.arg(place, name)) is not None:
            kwargs[name] = value
    decay = call.arg(4, "weight_decay") or Const(call.at, 0.0 if sgd else 1e-5)
    if plain(decay) != 0:
        why = "Composer's decoupled optimizers do not multiply it by the learning rate, so that it means another number"
        kwargs["weight_decay"] = unknown(Reason.UNFOLLOWED, why, decay.at)
    over = call.arg(0, "params")
    return Thing(call.at, name=f"torch.optim.{'SGD' if sgd else 'AdamW'}", args=(over,) if over else (), kwargs=kwargs)


@OVERLAY.handles("*.soft_cross_entropy")
def _soft_cross_entropy(reader: Reader, base: Value | None, call: Call) -> Value | None:
    return Thing(call.at, name=LOSS, args=call.args, kwargs=call.kwargs)


@OVERLAY.handles("*.seed_all")
def _seed_all(reader: Reader, base: Value | None, call: Call) -> Value | None:
    return reader.call(Ref(call.at, "torch.manual_seed"), Call(call.args, call.kwargs, call.at))


@OVERLAY.handles("composer.utils.dist.get_sampler")
def _sampler(reader: Reader, base: Value | None, call: Call) -> Value | None:
    kwargs = {"shuffle": Const(call.at, False), **call.kwargs}
    return Thing(call.at, name="torch.utils.data.distributed.DistributedSampler", args=call.args, kwargs=kwargs)


# ---------------------------------------------------------------------- the Trainer


@OVERLAY.handles(".fit", of=_is_trainer)
def _fit(reader: Reader, trainer: Value | None, call: Call) -> Value | None:
    assert isinstance(trainer, Thing)
    settings = {**trainer.kwargs, **call.kwargs}
    at, model = call.at, trainer.arg(0, "model")
    if model is None:
        return None
    if "duration" in settings:
        settings["max_duration"] = settings["duration"]
    _resume(reader, model, settings)
    if not _is_none(settings.get("seed")):
        reader.call(Ref(settings["seed"].at, "torch.manual_seed"), Call((settings["seed"],), {}, settings["seed"].at))
    epochs = _duration(settings.get("max_duration") or trainer.arg(2, "max_duration"), trainer)
    given = settings.get("optimizers")
    if given is None or _is_none(given):
        over = reader.method(model, "parameters", Call((), {}, trainer.at))
        kwargs: dict[str, Value] = {"lr": Const(trainer.at, DEFAULT_RATE)}
        given = reader.call(Ref(trainer.at, "torch.optim.SGD"), Call((over,), kwargs, trainer.at))
    configured = _configured(reader, given, settings, epochs, at)
    loader = _loader(settings.get("train_dataloader") or trainer.arg(1, "train_dataloader"))
    algorithms = [one for one in _listed(settings.get("algorithms")) if isinstance(one, Thing)]
    with loops.epochs(reader, "Composer", epochs, trainer.at):
        loops.train_mode(reader, model, at)
        with loops.batches(reader, loader or unknown(Reason.UNREAD, "its data is not given", at), at) as batch:
            loss = _step(reader, model, _changed(reader, batch, algorithms, at), algorithms, at)
            if loss is not None:
                _clip(reader, model, algorithms, at)
                loops.backward(reader, loss, configured)
        held_out = settings.get("eval_dataloader")
        if not _is_none(held_out) and plain(settings.get("eval_interval"), 1) != 0:
            _evaluated(reader, model, held_out, at)
    return None


@OVERLAY.handles(".eval", of=_is_trainer)
def _eval(reader: Reader, trainer: Value | None, call: Call) -> Value | None:
    assert isinstance(trainer, Thing)
    held_out = call.arg(0, "eval_dataloader") or trainer.kwargs.get("eval_dataloader")
    if (model := trainer.arg(0, "model")) is not None and not _is_none(held_out):
        _evaluated(reader, model, held_out, call.at)
    return Const(call.at, None)


def _evaluated(reader: Reader, model: Value, held_out: Value | None, at: Location) -> None:
    loader = _loader(held_out)
    if loader is None:
        return
    with loops.evaluation(reader, model, at), loops.batches(reader, loader, at) as batch:
        if loops.hook(reader, model, "eval_forward", batch, at=at) is None:
            _outputs(reader, model, batch, at)


def _outputs(reader: Reader, model: Value, batch: Value, at: Location) -> Value:
    """The model's outputs for a batch: a classifier's module gets the images, the program's own model the pair."""
    if not isinstance(model, Thing | Instance) or CLASSIFIER not in model.attrs:
        return reader.call(model, Call((batch,), {}, at))
    derived = isinstance(model, Instance) and "ComposerClassifier" in model.cls.foreign()
    module = model.attrs["module"] if derived else model
    return reader.call(module, Call((loops.inputs_and_labels(batch, at)[0],), {}, at))


def _step(reader: Reader, model: Value, batch: Value, algorithms: list[Thing], at: Location) -> Value | None:
    """The loss of a batch."""
    if isinstance(model, Either):
        model = model.options[0]
    if not isinstance(model, Thing | Instance):
        return None
    outputs = _outputs(reader, model, batch, at)
    smoothing = next((one for one in algorithms if one.short == "LabelSmoothing"), None)
    kwargs: dict[str, Value] = {}
    if smoothing is not None:
        kwargs["label_smoothing"] = smoothing.arg(0, "smoothing") or Const(smoothing.at, 0.1)
    own = loops.hook(reader, model, "loss", outputs, batch, at=at)
    kept = model.attrs.get(CLASSIFIER)
    if own is not None or not isinstance(kept, Thing):
        return own
    criterion = kept.arg(4, "loss_fn") or Ref(kept.at, LOSS)
    return reader.call(criterion, Call((outputs, loops.inputs_and_labels(batch, at)[1]), kwargs, kept.at))


def _changed(reader: Reader, batch: Value, algorithms: list[Thing], at: Location) -> Value:
    """The batch after the algorithms that augment it."""
    images, labels = loops.inputs_and_labels(batch, at)
    changed = False
    for one in algorithms:
        if one.short in ON_BATCHES:
            drawn = Thing(one.at, name=f"torchvision.transforms.v2.{ON_BATCHES[one.short]}", kwargs=one.kwargs)
            images, changed = reader.call(drawn, Call((images,), {}, at)), True
    return Items(at, (images, labels), "tuple") if changed else batch


def _clip(reader: Reader, model: Value, algorithms: list[Thing], at: Location) -> None:
    for one in algorithms:
        kind, limit = plain(one.arg(0, "clipping_type")), one.arg(1, "clipping_threshold")
        if one.short == "GradientClipping" and kind in ("norm", "value") and limit is not None:
            reader.call(Ref(one.at, f"torch.nn.utils.clip_grad_{kind}_"), Call((model, limit), {}, one.at))


def _resume(reader: Reader, model: Value, settings: dict[str, Value]) -> None:
    path = settings.get("load_path")
    if path is not None and not _is_none(path):
        state = Thing(path.at, name="torch.load", args=(path,))
        reader.event("call", ".load_state_dict", model, Call((state,), {}, path.at), model)


def _listed(value: Value | None) -> list[Value]:
    if isinstance(value, Items):
        return list(value.items)
    return [] if value is None or _is_none(value) else [value]


def _loader(value: Value | None) -> Value | None:
    """The loader in a DataSpec, an Evaluator, or a list of them."""
    for _ in range(3):
        if isinstance(value, Items) and value.items:
            value = value.items[0]
        elif isinstance(value, Thing) and value.short in ("DataSpec", "Evaluator"):
            value = value.arg(0 if value.short == "DataSpec" else -1, "dataloader")
    return value


# ---------------------------------------------------------------------- time and schedules


def _duration(value: Value | None, trainer: Thing) -> Value:
    """The epochs of max_duration; unknown where it counts batches or samples."""
    if value is None or _is_none(value):
        return unknown(Reason.UNFOLLOWED, "the Trainer is given no duration", trainer.at)
    epochs = _epochs_in(value, None)
    if epochs is not None:
        return Const(value.at, epochs)
    if is_known(value) or (isinstance(value, Thing) and value.short == "Time"):
        return unknown(Reason.UNFOLLOWED, "the Trainer's duration is not in epochs", value.at)
    return value


def _epochs_in(value: Value | None, whole: int | None) -> int | None:
    """A duration in epochs: "90ep", 90, Time(90, "ep"), or "0.5dur" of a known whole."""
    data = plain(value)
    if isinstance(value, Thing) and value.short in ("Time", "from_epoch"):
        data, unit = plain(value.arg(0, "value", "epoch")), value.arg(1, "unit")
        name = plain(unit) if not isinstance(unit, Ref) else unit.name.rpartition(".")[2].lower()
        if value.short == "Time" and name not in ("ep", "epoch"):
            return None
    if isinstance(data, str) and (found := re.fullmatch(r"([\d.]+)(ep|dur)", data.replace(" ", ""))):
        number = float(found[1])
        if found[2] == "dur":
            return round(number * whole) if whole is not None else None
        return round(number)
    return data if isinstance(data, int) and not isinstance(data, bool) else None


def _configured(reader: Reader, given: Value, settings: dict[str, Value], epochs: Value, at: Location) -> Value:
    """The optimizer with the Trainer's schedules: PyTorch's step once per epoch, unless step_schedulers_every_batch."""
    optimizer = given.items[0] if isinstance(given, Items) and given.items else given
    schedules = [_schedule(reader, one, optimizer, plain(epochs)) for one in _listed(settings.get("schedulers"))]
    every_batch = plain(settings.get("step_schedulers_every_batch"), False) is True
    held = Items(at, tuple(schedules)) if schedules else None
    return loops.configuration(at, optimizer, held, every_batch)


def _schedule(reader: Reader, one: Value, optimizer: Value, whole: int | None) -> Value:
    """Composer's schedule as PyTorch's over the optimizer, in epochs; any other unchanged."""
    if not isinstance(one, Thing) or one.package != "composer" or one.short not in SCHEDULES:
        return one
    made, spans = SCHEDULES[one.short]
    kwargs: dict[str, Value] = {}
    for place, name in enumerate(PLACES.get(one.short, ())):
        value = one.arg(place, name)
        if value is None and name == "t_max":
            value = Const(one.at, "1dur")
        if value is not None and name in spans:
            kwargs[spans[name]] = _span(value, whole)
        elif value is not None and name in ("gamma", "power"):
            kwargs[name] = value
    if made == "LinearLR":
        kwargs["start_factor"] = one.kwargs.get("alpha_i") or Const(one.at, 1.0)
        kwargs["end_factor"] = one.kwargs.get("alpha_f") or Const(one.at, 0.0)
    return reader.call(Ref(one.at, f"torch.optim.lr_scheduler.{made}"), Call((optimizer,), kwargs, one.at))


def _span(value: Value, whole: int | None) -> Value:
    if isinstance(value, Items):
        return Items(value.at, tuple(_span(one, whole) for one in value.items))
    epochs = _epochs_in(value, whole)
    return (
        Const(value.at, epochs) if epochs is not None else unknown(Reason.UNREAD, "it is not given in epochs", value.at)
    )
