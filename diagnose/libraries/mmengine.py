"""mmengine and mmcv: configurations in Python files, and the Runner that trains from them.

A configuration file defines `model` and the like as dicts, on top of the files in its `_base_`; no line of it trains.
It is read as what the Runner would do with it.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.catalogue import schedules
from diagnose.interpreter import calls
from diagnose.interpreter.commandline import location, typed
from diagnose.interpreter.imports import module_at
from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.paths import find_file, path_of
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.tables import copied, set_dotted
from diagnose.interpreter.values import (
    Call,
    Class,
    Const,
    Function,
    Instance,
    Items,
    Module,
    Ref,
    Scope,
    Table,
    Thing,
    Value,
    plain,
    unknown,
)
from diagnose.libraries import loops, mmpretrain, networks
from diagnose.libraries.mmcv import modern
from diagnose.libraries.mmpretrain import argument, place_of, type_of
from diagnose.libraries.settings import load_settings
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OWN = ("mmengine", "mmcv")
OVERLAY = Overlay("mmengine", packages=OWN, understood=OWN)

MARKS = ("_base_", "train_dataloader", "data", "optim_wrapper", "optimizer", "train_pipeline", "train_cfg", "runner")
OPTIONS = ("--cfg-options", "--options")
SCHEDULES = {"PolyLR": "PolynomialLR", "ReduceOnPlateauLR": "ReduceLROnPlateau",
             "CosineRestartLR": "CosineAnnealingWarmRestarts"}  # which torch has under another name  # fmt: skip
OF_SCHEDULES = ("type", "begin", "end", "by_epoch", "convert_to_iter_based", "verbose", "_scope_", "monitor", "rule")


# ---------------------------------------------------------------------- files


def configuration(reader: Reader, path: Path, depth: int = 0) -> Table | None:
    """The configuration of a Python file merged over its base files; None where the file isn't readable."""
    module = module_at(reader, path)
    return _over_bases(reader, module, depth) if module is not None else None


def _over_bases(reader: Reader, module: Module, depth: int = 0) -> Table:
    merged = Table(module.at)
    base = module.names.get("_base_")
    for one in base.items if isinstance(base, Items) else (base,) if base is not None else ():
        name = plain(one)
        path = module.path.parent / str(name)
        below = configuration(reader, path, depth + 1) if depth < 8 and path.is_file() else None
        if below is None:
            reader.notes.append(
                f"{name}, which {module.path.name} is based on, was not found: its settings are unknown"
            )
            merged.partial = True
        else:
            _write_over(merged, below)
    _set_in_base(reader, module, merged)
    own = {str(name): value for name, value in module.names.items()
           if not str(name).startswith("_") and not isinstance(value, Module | Class | Function | Ref)}  # fmt: skip
    _write_over(merged, Table(module.at, own))
    return merged


def _write_over(into: Table, more: Table) -> None:
    """Merge one configuration over another: dicts key by key, unless they set `_delete_`."""
    into.partial = into.partial or more.partial
    for key, value in more.pairs.items():
        old = into.pairs.get(key)
        if isinstance(value, Table):
            value = copied(value)
            assert isinstance(value, Table)
            fresh = plain(value.pairs.pop("_delete_", None), False) is True
            if isinstance(old, Table) and not fresh:
                _write_over(old, value)
                continue
            if into.partial and not fresh:
                _open(value)
        into.pairs[key] = value


def _open(table: Table) -> None:
    """Mark settings as incomplete, since their base files were not read."""
    table.partial = True
    for value in table.pairs.values():
        if isinstance(value, Table):
            _open(value)


def _set_in_base(reader: Reader, module: Module, merged: Table) -> None:
    """`_base_.model.head.num_classes = 5`, which changes the base configuration."""
    source = reader.sources.get(module.path.resolve())
    for tree, _ in source.parts if source is not None else ():
        for node in tree.body:
            target = node.targets[0] if isinstance(node, ast.Assign) else None
            name, _, key = ast.unparse(target).partition(".") if isinstance(target, ast.Attribute) else ("", "", "")
            if name == "_base_" and key and isinstance(node, ast.Assign):
                set_dotted(reader, merged, key, reader.evaluate(node.value, Scope(module.names, module)))


@OVERLAY.handles(
    "mmengine.Config.fromfile", "mmengine.config.Config.fromfile", "mmcv.Config.fromfile",
    "mmcv.utils.Config.fromfile",
)  # fmt: skip
def _fromfile(reader: Reader, base: Value | None, call: Call) -> Value | None:
    path = path_of(call.arg(0, "filename"))
    found = find_file(reader, path)
    if found is not None and found.suffix == ".py":
        return configuration(reader, found)
    return load_settings(reader, path) or unknown(
        Reason.UNREAD, f"its configuration {path or ''} was not found", call.at
    )


@OVERLAY.handles("mmengine.Config", "mmengine.config.Config", "mmcv.Config", "mmengine.ConfigDict", "mmcv.ConfigDict")
def _config(reader: Reader, base: Value | None, call: Call) -> Value | None:
    given = call.arg(0, "cfg_dict")
    if isinstance(given, Table):
        return copied(given)
    return Table(call.at, dict(call.kwargs), call.partial) if given is None else None


@OVERLAY.answer("finishes")
def _is_configuration(reader: Reader, module: Module) -> bool | None:
    """Read a program that is itself a configuration."""
    own = isinstance(module.names.get("model"), Table) and any(name in module.names for name in MARKS)
    if not own and "_base_" not in module.names:
        return None
    settings = _over_bases(reader, module)
    for key, value in _words(reader):
        set_dotted(reader, settings, key, value)
    model = settings.pairs.get("model")
    kind = type_of(model)
    unsaid = not kind and isinstance(model, Table) and {"head", "backbone"} & set(model.pairs)
    if kind not in mmpretrain.CLASSIFIERS and not unsaid:
        return None
    train(reader, settings, module.at)
    return True


def _words(reader: Reader) -> list[tuple[str, Value]]:
    """Settings from the command line: --cfg-options optim_wrapper.optimizer.lr=0.1 model.head.num_classes=5."""
    found: list[tuple[str, Value]] = []
    taken = False
    for word in reader.arguments:
        key, equals, text = word.partition("=")
        taken = word in OPTIONS or (taken and not word.startswith("--"))
        if taken and equals:
            found.append((key, Const(location(), typed(text, None))))
    return found


# ---------------------------------------------------------------------- the Runner


def _is_runner(value: Value | None) -> bool:
    return isinstance(value, Thing) and value.name == "mmengine.runner.Runner"


@OVERLAY.handles(
    "mmengine.runner.Runner", "mmengine.Runner", "mmengine.runner.Runner.from_cfg", "mmengine.Runner.from_cfg",
    "mmengine.registry.RUNNERS.build", "mmengine.runner.FlexibleRunner",
)  # fmt: skip
def _runner(reader: Reader, base: Value | None, call: Call) -> Value | None:
    given = call.arg(0, "cfg")
    settings = given if isinstance(given, Table) else Table(call.at, dict(call.kwargs), call.partial)
    return Thing(call.at, name="mmengine.runner.Runner", attrs={"__settings__": settings})


@OVERLAY.handles(".train", of=_is_runner)
def _train(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    settings = owner.attrs.get("__settings__") if isinstance(owner, Thing) else None
    if isinstance(settings, Table):
        train(reader, settings, call.at)
    return Const(call.at, None)


@OVERLAY.handles("mmcls.apis.train_model", "mmcls.apis.train.train_model", "mmpretrain.apis.train_model")
def _train_model(reader: Reader, base: Value | None, call: Call) -> Value | None:
    if isinstance(settings := call.arg(2, "cfg"), Table):
        train(reader, settings, call.at)
    return Const(call.at, None)


def train(reader: Reader, settings: Table, at: Location) -> None:
    """Do what the Runner does: train epoch by epoch, and validate where the configuration says so."""
    if "train_dataloader" not in settings.pairs and "data" in settings.pairs:
        settings = modern(settings)
    _seed(reader, settings, at)
    given = argument(settings, "model") or unknown(Reason.UNREAD, "its model is not given", at)
    model = mmpretrain.network(reader, given, settings.partial) if isinstance(given, Table) else given
    criterion = mmpretrain.criterion(reader, given) if isinstance(given, Table) else None
    _load(reader, settings, given, model)
    normalized = _normalized(settings, given) if isinstance(given, Table) else _of_instance(reader, given)
    if isinstance(given, Table):
        _note_order(reader, settings, given)
    optimizer = _optimizer(reader, settings, model, at)
    configured = _configured(reader, settings, optimizer, at)
    if settings.partial:
        received = (model, optimizer, Thing(at, name="torch.utils.data.DataLoader"))
        calls.lost(reader, "what the configuration is based on", Call(received, {}, at), "it was not read")
    with loops.epochs(reader, "mmengine's Runner", _epochs(settings, at), at):
        loops.train_mode(reader, model, at)
        with loops.batches(reader, _loader(argument(settings, "train_dataloader"), normalized, at), at) as batch:
            images, labels = loops.inputs_and_labels(batch, at)
            mixed = mmpretrain.mixing(given) if isinstance(given, Table) else []
            images = _prepared(reader, images, argument(settings, "train_dataloader"), normalized)
            images = _mixed(reader, images, mixed)
            loss = _loss(reader, model, criterion, images, labels)
            _clip(reader, settings, model)
            loops.backward(reader, loss, configured)
        held_out = argument(settings, "val_dataloader")
        if (
            held_out is not None
            and plain(held_out, ...) is not None
            and plain(argument(settings, "val_cfg"), {}) is not None
        ):
            data = _loader(held_out, normalized, at)
            with loops.evaluation(reader, model, at), loops.batches(reader, data, at) as batch:
                images, labels = loops.inputs_and_labels(batch, at)
                images = _prepared(reader, images, held_out, normalized)
                mode: dict[str, Value] = {"mode": Const(at, "predict")} if isinstance(model, Instance) else {}
                reader.call(model, Call((images, labels)[: 1 + bool(mode)], mode, at))


def _loss(reader: Reader, model: Value, criterion: Value | None, images: Value, labels: Value) -> Value:
    """The loss of a classifier's head, or of the `loss` mode of the program's own BaseModel."""
    if criterion is not None:
        outputs = reader.call(model, Call((images,), {}, model.at))
        return reader.call(criterion, Call((outputs, labels), {}, criterion.at))
    found = reader.call(model, Call((images, labels), {"mode": Const(model.at, "loss")}, model.at))
    if isinstance(found, Table):
        return found.pairs.get("loss") or next(iter(found.pairs.values()), found)
    return found


def _mixed(reader: Reader, images: Value, mixing: list[Value]) -> Value:
    if not mixing:
        return images
    mixer = mixing[0]
    if len(mixing) > 1:
        mixer = Thing(mixer.at, name=f"{mmpretrain.TRANSFORMS}v2.RandomChoice", args=(Items(mixer.at, tuple(mixing)),))
    return reader.call(mixer, Call((images,), {}, mixer.at))


def _load(reader: Reader, settings: Table, model: Value, network: Value) -> None:
    """Load weights from a file: of init_cfg, or load_from for the whole network."""
    paths = list(mmpretrain.checkpoints(model)) if isinstance(model, Table) else []
    for path in (*paths, *(value for name in ("load_from", "resume_from") if (value := argument(settings, name)))):
        if str(plain(path, "")).startswith(mmpretrain.LOADED_BY) or (isinstance(path, Const) and not path.data):
            continue
        if settings.partial and not isinstance(path, Const):
            continue
        state = Thing(path.at, name="torch.load", args=(path,))
        reader.event("call", ".load_state_dict", network, Call((state,), {}, path.at), network)


def _prepared(reader: Reader, images: Value, loader: Value | None, normalized: list[Value]) -> Value:
    """A batch after the data preprocessor, where its dataset is the program's own; other datasets do it per image."""
    if isinstance(loader, Table) and _own_data(loader) is None:
        return images
    for step in normalized:
        images = reader.call(step, Call((images,), {}, step.at))
    return images


def _own_data(loader: Table) -> Value | None:
    """The dataset of a loader where the program created it; None where the settings describe it."""
    data = argument(loader, "dataset")
    return None if isinstance(data, Table) else data


def _of_instance(reader: Reader, model: Value) -> list[Value]:
    """The data preprocessor's steps for a network that the program created, which are not followed."""
    given = (event.kwargs.get("data_preprocessor") for event in reader.trace.calls(".super", of=model))
    found = next((one for one in given if one is not None and plain(one, ...) is not None), None)
    return [unknown(Reason.UNFOLLOWED, "its data preprocessor was not followed", found.at)] if found is not None else []


def _normalized(settings: Table, model: Table) -> list[Value]:
    """The data preprocessor's steps on a batch, in units of 0..255."""
    part = argument(model, "data_preprocessor") or settings.pairs.get("data_preprocessor")
    if plain(settings.pairs.get("__old__"), False):
        return []
    if part is None and settings.partial:
        return [unknown(Reason.UNREAD, "its data preprocessor stands in settings that were not read", settings.at)]
    if not isinstance(part, Table):
        return []
    return (
        [mmpretrain.normalize(part)] if plain(argument(part, "mean"), ...) is not None and "mean" in part.pairs else []
    )


def _note_order(reader: Reader, settings: Table, model: Value) -> None:
    """Record images that stay in BGR order, as mmcv reads them."""
    pipeline = argument(argument(argument(settings, "train_dataloader"), "dataset"), "pipeline")
    steps = pipeline.items if isinstance(pipeline, Items) else ()
    part = next((one for one in steps if type_of(one) == "Normalize"), None)
    part = part or argument(model, "data_preprocessor") or settings.pairs.get("data_preprocessor")
    if (place := mmpretrain.as_bgr(part)) is not None:
        reader.event("call", "cv2.imread", None, Call((), {}, place), Thing(place, name="mmcv.imread"))


def _loader(part: Value | None, normalized: list[Value], at: Location) -> Value:
    """A DataLoader from a dict, or the program's own."""
    if not isinstance(part, Table):
        return part or unknown(Reason.UNREAD, "its data is not given", at)
    data = _own_data(part) or mmpretrain.dataset(argument(part, "dataset"), normalized, part.at)
    sampler = argument(part, "sampler")
    kwargs = {
        "batch_size": argument(part, "batch_size") or unknown(Reason.UNREAD, "`batch_size` is not given", part.at)
    }
    if isinstance(sampler, Table):
        kwargs["shuffle"] = argument(sampler, "shuffle") or Const(sampler.at, True)
    elif (shuffle := argument(part, "shuffle")) is not None:
        kwargs["shuffle"] = shuffle
    kwargs |= {name: value for name in ("drop_last", "num_workers") if (value := argument(part, name)) is not None}
    return Thing(part.at, name="torch.utils.data.DataLoader", args=(data,), kwargs=kwargs)


def _optimizer(reader: Reader, settings: Table, model: Value, at: Location) -> Value:
    wrapper = argument(settings, "optim_wrapper")
    given = argument(wrapper, "optimizer")
    if not isinstance(given, Table) or not type_of(given):
        return given or unknown(Reason.UNREAD, "its optimizer stands in settings that were not read", at)
    place = place_of(given)
    kwargs = {str(name): value for name, value in given.pairs.items() if name not in ("type", "_scope_")}
    if plain(argument(argument(settings, "auto_scale_lr"), "enable"), False) is True:
        kwargs["lr"] = unknown(Reason.UNFOLLOWED, "auto_scale_lr scales it with the batch", place)
    over = _groups(reader, argument(wrapper, "paramwise_cfg"), model, kwargs.get("lr"), place)
    if given.partial:
        reader.open_calls.add(place)
    return reader.call(Ref(place, f"torch.optim.{type_of(given)}"), Call((over,), kwargs, place))


def _groups(reader: Reader, paramwise: Value | None, model: Value, rate: Value | None, at: Location) -> Value:
    """The parameters, in groups where paramwise_cfg gives backbone or head its own learning rate."""
    keys = argument(paramwise, "custom_keys")
    times = {name: plain(argument(keys, name, f".{name}"), {}) for name in ("backbone", "head")}
    factors = {name: one.get("lr_mult") for name, one in times.items() if isinstance(one, dict)}
    known = plain(rate)
    if not any(factors.values()) or not isinstance(known, int | float) or not isinstance(model, Thing):
        return reader.method(model, "parameters", Call((), {}, at))
    names = networks.family(model) or ("features", "head")
    last = {id(one) for _, one in networks.parameters(networks.child(model, names[-1]))}
    groups = []
    for name in ("backbone", "head"):
        own = [one for _, one in networks.parameters(model) if (id(one) in last) is (name == "head")]
        lr = Const(at, known * (factors.get(name) or 1))
        groups.append(Table(at, {"params": Items(at, tuple(own)), "lr": lr}))
    return Items(at, tuple(groups))


def _configured(reader: Reader, settings: Table, optimizer: Value, at: Location) -> Value:
    """The optimizer with the schedules of param_scheduler."""
    given = argument(settings, "param_scheduler")
    if given is None:
        return optimizer
    if isinstance(given, Thing):
        return loops.configuration(at, optimizer, given)
    made: list[Value] = []
    every_batch = False
    for one in given.items if isinstance(given, Items) else (given,):
        kind = type_of(one)
        name = SCHEDULES.get(kind, kind)
        if not isinstance(one, Table) or name not in schedules.FORMS:
            made.append(unknown(Reason.UNFOLLOWED, "its schedule is not followed", one.at))
            continue
        kwargs = {str(name): value for name, value in one.pairs.items() if name not in OF_SCHEDULES}
        begin, end = plain(argument(one, "begin"), 0), plain(argument(one, "end"))
        if kind == "LinearLR" and begin == 0 and isinstance(given, Items) and len(given.items) > 1:
            name, kwargs = "WarmupLR", {}
        elif kind == "CosineAnnealingLR" and "T_max" not in kwargs:
            kwargs["T_max"] = _length(settings, one, begin, end)
        every_batch = every_batch or (name != "WarmupLR" and plain(argument(one, "by_epoch"), True) is False)
        made.append(reader.call(Ref(one.at, f"torch.optim.lr_scheduler.{name}"), Call((optimizer,), kwargs, one.at)))
    if not made:
        return optimizer
    return loops.configuration(at, optimizer, Items(given.at, tuple(made)), every_batch)


def _length(settings: Table, schedule: Table, begin: object, end: object) -> Value:
    if isinstance(begin, int) and isinstance(end, int):
        return Const(schedule.at, end - begin)
    epochs = _epochs(settings, schedule.at)
    known = plain(epochs)
    return Const(epochs.at, known - begin) if isinstance(known, int) and isinstance(begin, int) else epochs


def _epochs(settings: Table, at: Location) -> Value:
    loop = argument(settings, "train_cfg")
    if type_of(loop).startswith("Iter") or plain(argument(loop, "by_epoch"), True) is False:
        return unknown(Reason.UNFOLLOWED, "it trains for a number of iterations", at)
    return argument(loop, "max_epochs") or unknown(Reason.UNREAD, "`max_epochs` is not given", at)


def _clip(reader: Reader, settings: Table, model: Value) -> None:
    given = argument(argument(settings, "optim_wrapper"), "clip_grad")
    if isinstance(given, Table) and (limit := argument(given, "max_norm", "clip_value")) is not None:
        by_value = "clip_value" in given.pairs
        name = f"torch.nn.utils.clip_grad_{'value' if by_value else 'norm'}_"
        reader.event("call", name, None, Call((model, limit), {}, limit.at), limit)


def _seed(reader: Reader, settings: Table, at: Location) -> None:
    seed = argument(argument(settings, "randomness"), "seed") or settings.pairs.get("seed")
    if seed is not None and plain(seed, 0) is not None:
        reader.event("call", "mmengine.runner.set_random_seed", None, Call((seed,), {}, at), seed)
