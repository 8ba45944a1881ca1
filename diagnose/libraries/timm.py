"""timm's factories and their results: torch's optimizers and schedules, pipelines of transforms, loaders.

Defaults are those of timm 1.0 (timm.optim.create_optimizer_v2, timm.scheduler.create_scheduler_v2,
timm.data.create_transform, create_loader, Mixup, resolve_data_config).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from diagnose.catalogue import optimizers
from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.reasons import Reason, Unknown
from diagnose.interpreter.values import (
    Call,
    Const,
    Function,
    Instance,
    Items,
    Ref,
    Table,
    Thing,
    Value,
    is_known,
    plain,
    unknown,
)
from diagnose.libraries import networks
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay("timm")

SCHEDULES = {"cosine": "CosineLRScheduler", "tanh": "TanhLRScheduler", "step": "StepLRScheduler",
             "multistep": "MultiStepLRScheduler", "plateau": "PlateauLRScheduler", "poly": "PolyLRScheduler",
             "wsd": "WSDLRScheduler", "rsqrt": "WSDLRScheduler"}  # fmt: skip
CYCLES = ("cosine", "tanh", "poly", "wsd", "rsqrt")  # with warm-up and cooldown added to their epochs
OF_SCHEDULE = {"sched": "sched", "num_epochs": "epochs", "decay_epochs": "decay_epochs",
               "decay_milestones": "decay_milestones", "cooldown_epochs": "cooldown_epochs",
               "warmup_epochs": "warmup_epochs", "warmup_prefix": "warmup_prefix",
               "cycle_limit": "lr_cycle_limit", "step_on_epochs": "step_on_epochs"}  # keyword: option  # fmt: skip
OPTIM = ("timm.optim.", "timm.optim.optim_factory.", "timm.optim._optim_factory.")
SCHEDULER = ("timm.scheduler.", "timm.scheduler.scheduler_factory.")
DATA = ("timm.data.", "timm.data.transforms_factory.", "timm.data.loader.", "timm.data.mixup.", "timm.data.config.")
CROP = 0.875  # timm's DEFAULT_CROP_PCT
MODELS_OWN = "timm takes it from the model's own settings"
TRANSFORMS = "torchvision.transforms."


def _names(homes: tuple[str, ...], *names: str) -> list[str]:
    return [home + name for home in homes for name in names]


def option(options: Value | None, name: str, at: Location) -> Value | None:
    """An option of a namespace or config object; None where it has none of that name.

    Unknown where not all options were read.
    """
    if isinstance(options, Table):
        if name in options.pairs:
            options.read.add(name)
            return options.pairs[name]
        return (
            unknown(Reason.UNREAD, f"`{name}` may be among its options, which were not all read", at)
            if options.partial
            else None
        )
    if isinstance(options, Instance):
        return options.attrs.get(name) or options.cls.find(name)
    return unknown(Reason.UNREAD, f"`{name}` comes from options that were not read", at)


def _is_none(value: Value | None) -> bool:
    return value is None or (isinstance(value, Const) and value.data is None)


# ---------------------------------------------------------------------- the program's own models

REGISTERED = "timm's models"


@OVERLAY.handles("@*.register_model")
def _register_model(reader: Reader, function: Value | None, call: Call) -> Value | None:
    """A function of the program that is registered as a timm model."""
    kept = reader.memory.setdefault(REGISTERED, Table(call.at))
    if isinstance(function, Function) and isinstance(kept, Table):
        kept.pairs[function.name] = function
    return None


@OVERLAY.handles("timm.create_model", "timm.models.create_model", "timm.models.factory.create_model")
def _create_model(reader: Reader, base: Value | None, call: Call) -> Value | None:
    kept, name = reader.memory.get(REGISTERED), plain(call.arg(0, "model_name"))
    function = kept.pairs.get(name) if isinstance(kept, Table) and isinstance(name, str) else None
    if function is None:
        return None
    kwargs = {key: value for key, value in call.kwargs.items() if key != "model_name" and not _is_none(value)}
    return reader.call(function, Call(call.args[1:], kwargs, call.at, partial=call.partial))


# ---------------------------------------------------------------------- optimizers


@OVERLAY.handles(*_names(OPTIM, "create_optimizer"))
def _create_optimizer(reader: Reader, base: Value | None, call: Call) -> Value | None:
    options = call.arg(0, "args")
    given = {name: option(options, name, call.at) for name in ("opt", "lr", "weight_decay", "momentum", "layer_decay")}
    return _optimizer(reader, call.arg(1, "model"), given, call.at)


@OVERLAY.handles(*_names(OPTIM, "create_optimizer_v2"))
def _create_optimizer_v2(reader: Reader, base: Value | None, call: Call) -> Value | None:
    names = ("opt", "lr", "weight_decay", "momentum")
    given = {name: call.arg(place, name) for place, name in enumerate(names, start=1)}
    given["opt"] = (
        given["opt"] or call.kwargs.get("optimizer_name") or (None if call.partial else Const(call.at, "sgd"))
    )
    if call.partial:
        given = {name: value or unknown(Reason.UNREAD, f"`{name}` may be given by what was not read", call.at)
                 for name, value in given.items()}  # fmt: skip
    given["layer_decay"] = call.kwargs.get("layer_decay")
    return _optimizer(reader, call.arg(0, "model_or_params", "model"), given, call.at)


def _optimizer(reader: Reader, over: Value | None, given: Mapping[str, Value | None], at: Location) -> Value:
    if over is not None and networks.is_network(over):
        over = reader.method(over, "parameters", Call((), {}, at))
    args = (over,) if over is not None else ()
    stated = plain(given["opt"])
    name = str(stated).lower().rpartition("_")[2] if isinstance(stated, str) else ""
    name = name.removeprefix("fused").removeprefix("bnb").removesuffix("8bit")
    kwargs = {key: value for key, value in given.items() if key == "lr" and value is not None and not _is_none(value)}
    kwargs["weight_decay"] = given["weight_decay"] or Const(at, 0.0)
    if (layers := given.get("layer_decay")) is not None and not _is_none(layers):
        kwargs["layer_decay"] = layers
    entry = optimizers.find(name)
    where = given["opt"].at if given["opt"] is not None and entry else at
    if entry is None:
        opt = given["opt"] or unknown(Reason.UNREAD, "its name is not given", at)
        return Thing(at, name="timm.optim.create_optimizer_v2", args=args, kwargs={**kwargs, "opt": opt},
                     why=Unknown(Reason.UNFOLLOWED, "timm chooses it by a name that is not known"))  # fmt: skip
    if entry.momentum:
        kwargs["momentum"] = given["momentum"] or Const(at, 0.9)
    if name in ("sgd", "nesterov"):
        kwargs["nesterov"] = Const(where, True)
    return Thing(at, name=f"timm.optim.{entry.torch or entry.display}", args=args, kwargs=kwargs)


@OVERLAY.handles("*.optimizer_kwargs")
def _optimizer_kwargs(reader: Reader, base: Value | None, call: Call) -> Value | None:
    options = call.arg(0, "cfg")
    found = {name: option(options, name, call.at) for name in ("opt", "lr", "weight_decay", "momentum")}
    return Table(call.at, {name: value for name, value in found.items() if value is not None})


# ---------------------------------------------------------------------- schedules


@OVERLAY.handles(*_names(SCHEDULER, "create_scheduler"))
def _create_scheduler(reader: Reader, base: Value | None, call: Call) -> Value | None:
    given = _schedule_options(call.arg(0, "args"), call.at)
    return _schedule(reader, call.arg(1, "optimizer"), given, call.at)


@OVERLAY.handles(*_names(SCHEDULER, "create_scheduler_v2"))
def _create_scheduler_v2(reader: Reader, base: Value | None, call: Call) -> Value | None:
    order = ("sched", "num_epochs", "decay_epochs", "decay_milestones", "cooldown_epochs")
    given = {name: call.arg(order.index(name) + 1 if name in order else -1, name) for name in OF_SCHEDULE}
    if call.partial:
        given = {name: value or unknown(Reason.UNREAD, f"`{name}` may be given by what was not read", call.at)
                 for name, value in given.items()}  # fmt: skip
    defaults = {"sched": "cosine", "num_epochs": 300}
    settings = {name: value or (Const(call.at, defaults[name]) if name in defaults else None)
            for name, value in given.items()}  # fmt: skip
    return _schedule(reader, call.arg(0, "optimizer"), settings, call.at)


@OVERLAY.handles("*.scheduler_kwargs")
def _scheduler_kwargs(reader: Reader, base: Value | None, call: Call) -> Value | None:
    found = _schedule_options(call.arg(0, "cfg"), call.at)
    return Table(call.at, {name: value for name, value in found.items() if value is not None})


def _schedule_options(options: Value | None, at: Location) -> dict[str, Value | None]:
    found = {name: option(options, word, at) for name, word in OF_SCHEDULE.items()}
    if option(options, "sched_on_updates", at) is not None:
        found["step_on_epochs"] = unknown(Reason.CONDITION, "an option chooses whether it counts epochs or batches", at)
    fallback = {"num_epochs": 100, "decay_epochs": 30, "warmup_epochs": 5, "cooldown_epochs": 0}
    return {name: value or (Const(at, fallback[name]) if name in fallback else None) for name, value in found.items()}


def _schedule(reader: Reader, optimizer: Value | None, given: Mapping[str, Value | None], at: Location) -> Value:
    """(schedule, epochs) as timm returns them."""
    name = plain(given["sched"])
    kind = SCHEDULES.get(name) if isinstance(name, str) else None
    epochs = given["num_epochs"] or unknown(Reason.UNREAD, "its epochs are not given", at)
    args = (optimizer,) if optimizer is not None else ()
    where = given["sched"].at if given["sched"] is not None and kind else at
    made: Value
    if name == "none":
        made = Const(at, None)
    elif kind is None:
        constant = name == "constant"
        made = Thing(at, name="torch.optim.lr_scheduler.ConstantLR" if constant else
                     "timm.scheduler.create_scheduler_v2", args=args,
                     why=Unknown(Reason.UNFOLLOWED, "timm chooses it by a name that is not known"))  # fmt: skip
    else:
        length = given["decay_milestones"] if kind == "MultiStepLRScheduler" else None
        unit = {"t_in_epochs": in_epochs} if (in_epochs := given.get("step_on_epochs")) is not None else {}
        made = Thing(where, name=f"timm.scheduler.{kind}", args=(*args, length) if length is not None else args)
        made.kwargs.update(unit)
    if isinstance(made, Thing):
        reader.event("call", made.name, None, Call(made.args, {}, at), made)
    return Items(at, (made, _whole_length(epochs, given, at) if name in CYCLES else epochs), "tuple")


def _whole_length(epochs: Value, given: Mapping[str, Value | None], at: Location) -> Value:
    """The total epochs of a schedule: its cycles, warm-up and cooldown."""
    cycles = plain(given["cycle_limit"], 1 if given["cycle_limit"] is None else None)
    ahead = given["warmup_epochs"] if plain(given["warmup_prefix"], False) is True else None
    more = [plain(value, None) if value is not None else 0 for value in (ahead, given["cooldown_epochs"])]
    if cycles in (1, 1.0) and more == [0, 0]:
        return epochs
    base = plain(epochs)
    numbers = [base, cycles, *more]
    if not all(isinstance(number, int | float) for number in numbers):
        return unknown(Reason.UNFOLLOWED, "timm adds cycles, warm-up and cooldown to them that are not known", at)
    return Const(epochs.at, int(base * cycles) + int(sum(more)))


# ---------------------------------------------------------------------- transforms


@OVERLAY.handles(*_names(DATA, "create_transform"))
def _create_transform(reader: Reader, base: Value | None, call: Call) -> Value | None:
    given = {"input_size": call.arg(0, "input_size"), "is_training": call.arg(1, "is_training")}
    if call.partial or len(call.args) > 2:
        return unknown(Reason.UNREAD, "timm's create_transform() receives arguments that were not read", call.at)
    return pipeline({**call.kwargs, **{name: value for name, value in given.items() if value is not None}}, call.at)


def pipeline(given: Mapping[str, Value], at: Location) -> Value:
    """timm's create_transform() as a Compose of torchvision's transforms; an uncertain step is unknown."""
    training = plain(given.get("is_training"), False if "is_training" not in given else None)
    if not isinstance(training, bool | int):
        return unknown(Reason.UNFOLLOWED, "whether timm's transforms are for training is not known", at)
    steps: list[Value] = []
    bare = _flag(given.get("no_aug"), False)
    size = _side(given.get("input_size"), at)
    if training and bare is None:
        steps.append(unknown(Reason.UNFOLLOWED, "whether timm augments is not known", at))
    elif training and not bare:
        steps += _augmented(given, size, at)
    else:
        steps += _resized(given, size, at)
    raw = _flag(given.get("use_prefetcher"), False) is True or _flag(given.get("normalize"), True) is False
    if raw:
        steps.append(Thing(at, name=f"{TRANSFORMS}PILToTensor"))
        return Thing(at, name=f"{TRANSFORMS}Compose", args=(Items(at, tuple(steps)),))
    mean = given.get("mean") or Ref(at, "timm.data.constants.IMAGENET_DEFAULT_MEAN")
    std = given.get("std") or Ref(at, "timm.data.constants.IMAGENET_DEFAULT_STD")
    steps += [Thing(at, name=f"{TRANSFORMS}ToTensor"), Thing(at, name=f"{TRANSFORMS}Normalize", args=(mean, std))]
    if training and not bare:
        steps += _chance(given.get("re_prob"), 0.0, "RandomErasing", at)
    return Thing(at, name=f"{TRANSFORMS}Compose", args=(Items(at, tuple(steps)),))


def _flag(value: Value | None, default: bool) -> bool | None:
    flag = plain(value, default if value is None else None)
    return bool(flag) if flag is not None else (default if value is not None and is_known(value) else None)


def _side(size: Value | None, at: Location) -> Value:
    """The side of the images, from (channels, height, width) or a number."""
    if size is None:
        return Const(at, 224)
    if isinstance(size, Items) and size.items and not size.partial:
        return size.items[-1]
    return size


def _chance(value: Value | None, default: float, name: str, at: Location) -> list[Value]:
    """A step that applies where its probability or strength is above 0."""
    if value is None:
        value = Const(at, default)
    strength = plain(value)
    if isinstance(strength, int | float):
        return [Thing(value.at, name=f"{TRANSFORMS}{name}", args=(value,))] if strength > 0 else []
    if is_known(value) and not strength:
        return []
    if isinstance(strength, list | tuple) and any(strength):
        return [Thing(value.at, name=f"{TRANSFORMS}{name}")]
    return [unknown(Reason.UNFOLLOWED, f"whether timm adds {name} is not known", value.at)]


def _augmented(given: Mapping[str, Value], size: Value, at: Location) -> list[Value]:
    mode = plain(given.get("train_crop_mode"))
    crop = "CenterCrop" if mode == "rkrc" else "RandomCrop" if mode == "rkrr" else "RandomResizedCrop"
    steps: list[Value] = [Thing(at, name=f"{TRANSFORMS}{crop}", args=(size,))]
    steps += _chance(given.get("hflip"), 0.5, "RandomHorizontalFlip", at)
    steps += _chance(given.get("vflip"), 0.0, "RandomVerticalFlip", at)
    policy = given.get("auto_augment")
    chosen = plain(policy)
    if policy is not None and not is_known(policy):
        steps.append(unknown(Reason.UNFOLLOWED, "which automatic augmentation timm takes is not known", policy.at))
        return steps
    if policy is not None and chosen:
        word = str(chosen)
        kind = "RandAugment" if word.startswith("rand") else "AugMix" if word.startswith("augmix") else "AutoAugment"
        steps.append(Thing(policy.at, name=f"{TRANSFORMS}{kind}"))
    if not chosen or "3a" in str(chosen) or _flag(given.get("force_color_jitter"), False):
        steps += _chance(given.get("color_jitter"), 0.4, "ColorJitter", at)
    steps += _chance(given.get("grayscale_prob"), 0.0, "RandomGrayscale", at)
    return steps + _chance(given.get("gaussian_blur_prob"), 0.0, "GaussianBlur", at)


def _resized(given: Mapping[str, Value], size: Value, at: Location) -> list[Value]:
    """The steps without augmentation: resize by the crop ratio, then a centre crop."""
    share: Any = plain(given.get("crop_pct"), CROP if _is_none(given.get("crop_pct")) else None)
    side = plain(size)
    larger: Value = unknown(Reason.UNFOLLOWED, "timm computes it from the size and the crop's share", at)
    if isinstance(side, int) and isinstance(share, int | float) and share:
        larger = Const(size.at, math.floor(side / share))
    return [Thing(at, name=f"{TRANSFORMS}Resize", args=(larger,)),
            Thing(at, name=f"{TRANSFORMS}CenterCrop", args=(size,))]  # fmt: skip


@OVERLAY.handles(
    *_names(DATA, "resolve_data_config", "resolve_model_data_config"), "timm.data.config.resolve_data_config_v2"
)
def _resolve_data_config(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """The data config: from the options, else from the model's own settings, which are not known here."""
    short = getattr(getattr(call.node, "func", None), "attr", getattr(getattr(call.node, "func", None), "id", ""))
    options = None if short == "resolve_model_data_config" else call.arg(0, "args")
    model = call.arg(2, "model") if options is not None else call.arg(0, "model") or call.kwargs.get("model")
    settings = not _is_none(model) or not _is_none(call.kwargs.get("pretrained_cfg"))

    def given(*names: str) -> Value | None:
        found = [option(options, name, call.at) for name in names] if not _is_none(options) else []
        return next((value for value in found if value is not None and not _is_none(value)), None)

    def fallback(name: str, default: Value) -> Value:
        return unknown(Reason.UNREAD, f"`{name}`: {MODELS_OWN}", call.at) if settings else default

    size = given("input_size") or given("img_size") or fallback("input_size", Const(call.at, 224))
    mean = given("mean") or fallback("mean", Ref(call.at, "timm.data.constants.IMAGENET_DEFAULT_MEAN"))
    std = given("std") or fallback("std", Ref(call.at, "timm.data.constants.IMAGENET_DEFAULT_STD"))
    crop = given("crop_pct") or fallback("crop_pct", Const(call.at, CROP))
    return Table(call.at, {"input_size": size, "mean": mean, "std": std, "crop_pct": crop,
                           "interpolation": given("interpolation") or Const(call.at, "bicubic"),
                           "crop_mode": given("crop_mode") or Const(call.at, "center")})  # fmt: skip


# ---------------------------------------------------------------------- loaders and mixing


@OVERLAY.handles(*_names(DATA, "create_loader"))
def _create_loader(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """A DataLoader over the dataset, with timm's transforms."""
    dataset, at = call.arg(0, "dataset"), call.at
    training = call.arg(3, "is_training") or Const(at, False)
    given = {**call.kwargs, "is_training": training}
    if (size := call.arg(1, "input_size")) is not None:
        given["input_size"] = size
    for name in ("use_prefetcher", "normalize"):
        given.pop(name, None)  # the loader normalises on the device instead of the transforms
    way = pipeline(given, at)
    if call.partial or len(call.args) > 4:
        way = unknown(Reason.UNREAD, "timm's create_loader() receives arguments that were not read", at)
    if dataset is not None:
        reader.set_attribute(dataset, "transform", way, at)
    drawn = plain(training)
    flag: Value = (
        Const(at, bool(drawn))
        if drawn is not None
        else unknown(Reason.UNFOLLOWED, "whether it trains is not known", at)
    )
    batch = call.arg(2, "batch_size") or unknown(Reason.UNREAD, "`batch_size` is not given", at)
    return Thing(at, name="torch.utils.data.DataLoader", args=(dataset,) if dataset is not None else (),
                 kwargs={"batch_size": batch, "shuffle": flag, "drop_last": flag})  # fmt: skip


@OVERLAY.handles(*_names(DATA, "Mixup", "FastCollateMixup"))
def _mixup(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """MixUp, CutMix, or one of the two per batch, where their alphas are above 0."""
    home = "torchvision.transforms.v2."
    parts: list[Value] = []
    minmax = call.arg(2, "cutmix_minmax")
    cut = call.arg(1, "cutmix_alpha") if _is_none(minmax) else Const(call.at, 1.0)
    for name, alpha, default in (("MixUp", call.arg(0, "mixup_alpha"), 1.0), ("CutMix", cut, 0.0)):
        strength = plain(alpha, default if alpha is None else None)
        if not isinstance(strength, int | float):
            unsure = unknown(Reason.UNFOLLOWED, "whether timm mixes images is not known", call.at)
            return Thing(call.at, name=f"{home}Compose", args=(Items(call.at, (unsure,)),))
        if strength > 0:
            parts.append(Thing(alpha.at if alpha is not None else call.at, name=home + name))
    if len(parts) == 2:
        return Thing(call.at, name=f"{home}RandomChoice", args=(Items(call.at, tuple(parts)),))
    return parts[0] if parts else Thing(call.at, name=f"{home}Identity")


@OVERLAY.handles(".reset_classifier")
def _reset_classifier(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """Replace the network's last layer by a new one."""
    names = networks.family(owner)
    if not isinstance(owner, Thing) or not names:
        return None
    outputs = call.arg(0, "num_classes") or unknown(Reason.UNREAD, "it is not given", call.at)
    layer = Thing(
        call.at, name="torch.nn.Linear", args=(unknown(Reason.PLACEHOLDER, "the network's features", call.at), outputs)
    )
    reader.write(owner.attrs, names[-1], layer)
    return Const(call.at, None)


@OVERLAY.handles("timm.utils.init_distributed_device", "timm.utils.distributed.init_distributed_device")
def _distributed(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """One process, unless several are launched."""
    options = call.arg(0)
    if isinstance(options, Table):
        for name, data in {"distributed": False, "world_size": 1, "rank": 0, "local_rank": 0}.items():
            reader.write(options.pairs, name, Const(call.at, data))
    return Thing(call.at, name="torch.device", args=())
