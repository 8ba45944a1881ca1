"""Facts about a PyTorch program, for the checks to judge."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from diagnose.interpreter.commandline import Option
from diagnose.interpreter.reader import Reader
from diagnose.interpreter.values import (
    Const,
    Either,
    Event,
    Instance,
    Ref,
    Table,
    Thing,
    Value,
    plain,
)
from diagnose.libraries import networks
from diagnose.libraries.wrappers import is_no_grad
from diagnose.model import (
    BoolOption,
    Deprecated,
    Fact,
    GraphKept,
    HeadFrozen,
    InvertedTruth,
    LoadCommentedOut,
    Location,
    LooseLoad,
    NotOnDevice,
    ParameterGroups,
    Regularisers,
    ReplacedConstant,
    Scheduler,
    UnreadOption,
)
from diagnose.training.class_numbers import classes_by_name
from diagnose.training.fields import ancestors
from diagnose.training.folders import class_folders
from diagnose.training.pytorch import batch_norm
from diagnose.training.pytorch.attention import find_own_transformer
from diagnose.training.pytorch.averages import unused_averages
from diagnose.training.pytorch.channels import channel_order
from diagnose.training.pytorch.copied_state import copies_not_loaded
from diagnose.training.pytorch.ignite_resume import incomplete_objects
from diagnose.training.pytorch.lasting_eval import restored
from diagnose.training.pytorch.loading import unmatched
from diagnose.training.pytorch.missed import missed
from diagnose.training.pytorch.missing_activation import missing_activations
from diagnose.training.pytorch.network import Network, loads
from diagnose.training.pytorch.optimizing import groups_of
from diagnose.training.pytorch.parts import parts_of
from diagnose.training.pytorch.ranges import converted_twice
from diagnose.training.pytorch.resume import incomplete_resumes
from diagnose.training.pytorch.sessions import Session, is_loss, passes_batches
from diagnose.training.pytorch.smoothing import smoothed_twice
from diagnose.training.pytorch.two_networks import wrong_optimizers
from diagnose.training.unfollowed import UnfollowedCall

SEEDING = ("torch.manual_seed", "torch.random.manual_seed", "numpy.random.seed", "random.seed", "*seed_everything",
           "*set_seed",
           "torch.cuda.manual_seed", "torch.cuda.manual_seed_all", "*random_seed", "*manual_seed",
           "*set_random_seed")  # fmt: skip
WEIGHT_OPTIONS = ("pretrained", "weights", "pretrain", "pretrained_weights", "use_pretrained", "checkpoint_path",
                  "init_weights", "weights_path", "pretrained_path", "load_weights", "init_from", "finetune_from",
                  "resume", "resume_from", "load_from")  # fmt: skip
CHECKPOINT_OPTIONS = ("checkpoint", "ckpt", "ckpt_path", "model_path", "start_from")  # where the default is a file name
WEIGHT_FILES = (".pth", ".pt", ".ckpt", ".bin", ".tar", ".safetensors", ".h5", ".keras", ".npz")
SETTING_WORDS = ("lr", "learning_rate", "batch_size", "epochs", "num_epochs", "weight_decay", "momentum", "epoch",
                 "bs", "n_epochs",
                 "batch", "img_size", "image_size", "init_lr", "base_lr", "max_epochs", "lr_rate", "learningrate",
                 "batchsize",
                 "num_classes", "dropout", "pretrained")  # fmt: skip
DROPPING = ("drop_rate", "drop_path_rate", "dropout", "stochastic_depth_prob", "attention_dropout",
            "proj_drop_rate", "attn_drop_rate", "drop_block_rate")  # fmt: skip
TYPES = tuple(f"torch.{name}" for name in ("float", "float16", "float32", "float64", "bfloat16", "half", "double",
                                           "long", "int64", "int32", "uint8", "int", "bool"))  # fmt: skip
LAYERWISE = ("layer_decay", "layer_decay_rate", "lr_scale")  # a separate learning rate per layer
REMOVED = {
    "torchvision.transforms.Scale": "Resize", "torchvision.transforms.RandomSizedCrop": "RandomResizedCrop",
    "torchvision.models.utils.load_state_dict_from_url": "torch.hub.load_state_dict_from_url",
}  # fmt: skip
QUIET = ("builtins.print", ".info", ".debug", "pprint.pprint", ".update", "json.dump", "yaml.dump", "builtins.str",
         ".format",
         "builtins.vars", "wandb.init", ".log", ".write", "json.dumps", "yaml.safe_dump", ".parse_args")  # fmt: skip


def is_seeding(event: Event) -> bool:
    """Whether an event is a call that sets a seed, of a library or of a function named for it."""
    return event.kind == "call" and any(
        event.name.endswith(name[1:]) if name.startswith("*") else event.name == name for name in SEEDING
    )


def observe_program(reader: Reader, session: Session) -> Iterator[Fact]:
    """Facts about the whole program."""
    yield from deprecated(reader)
    yield from class_folders(reader)
    yield from options(reader)
    yield from replaced(reader)
    yield from inverted(reader)
    yield from commented_loads(reader, session)
    yield from channel_order(reader)
    yield from classes_by_name(reader)
    yield from converted_twice(reader)


def observe_training(
    reader: Reader,
    session: Session,
    network: Network | None,
    schedulers: list[Scheduler],
    lost: list[UnfollowedCall],
) -> Iterator[Fact]:
    """Facts about one training: its loop, its network, its optimizers.

    lost: the calls that were not followed.
    """
    nothing = list(unmatched(reader, session.backward.index))
    yield from nothing
    yield from _loose_loads(reader, session, network, {one.location for one in nothing})
    yield from copies_not_loaded(reader, session, network)
    yield from incomplete_resumes(reader, session, schedulers)
    yield from incomplete_objects(reader)
    yield from wrong_optimizers(reader, session)
    yield from unused_averages(reader, session)
    yield from _kept_graphs(reader, session)
    yield from _devices(reader, session)
    if network is not None:
        yield from missed(reader, session, network)
        yield from _frozen_head(reader, session, network)
        yield from _regularisers(reader, session, network)
        yield from batch_norm.observe(reader, session, network, lost)
        yield from missing_activations(reader, session, network)
        yield from find_own_transformer(network)
    yield from _groups(session)
    yield from smoothed_twice(reader, session)
    if network is None or not _probes_only(network):
        yield from restored(reader, session)


def deprecated(reader: Reader) -> Iterator[Fact]:
    """Arguments and functions that torchvision deprecated."""
    for event in reader.trace:
        if event.kind != "call":
            continue
        if event.name in REMOVED:
            yield Deprecated(event.at, what=event.name, instead=REMOVED[event.name], removed=True)
        elif event.name.startswith("torchvision.models.") and "pretrained" in event.kwargs:
            at = event.kwargs["pretrained"].at
            flag = plain(event.kwargs["pretrained"])
            instead = "weights=None" if flag is False else 'weights="DEFAULT"' if flag is True else "weights="
            place = at if at.file == event.at.file and at.line is not None and _near(at, event.at) else event.at
            yield Deprecated(place, what="pretrained=", instead=instead, removed=False)


def _near(one: Location, other: Location) -> bool:
    """Whether a keyword is written in the call itself, not where an option was declared."""
    return one.cell == other.cell and 0 <= (one.line or 0) - (other.line or 0) <= 12


def options(reader: Reader) -> Iterator[Fact]:
    """Command-line options that do not do what their names say.

    "bool_option", {"option", "default"}: of type bool, which converts any string to True. "unread_option", {"option"}:
    an option for weights that the program never reads.
    """
    escaped = {id(arg) for e in reader.trace.calls() if e.name not in QUIET for arg in e.args}
    for option in reader.options:
        if option.type == "bool":
            yield BoolOption(option.at, option=option.name, default=plain(option.default))
        if _names_weights(option) and option.name not in option.table.read:
            whole = any(
                isinstance(one, Table) and one.read is option.table.read and id(one) in escaped
                for one in _tables(reader)
            )
            if not whole:
                yield UnreadOption(option.at, option=option.name)


def _names_weights(option: Option) -> bool:
    """Whether an option is for initial weights, rather than a path to save them."""
    names_file = str(plain(option.default)).endswith(WEIGHT_FILES)
    return option.name in WEIGHT_OPTIONS or (option.name in CHECKPOINT_OPTIONS and names_file)


def _tables(reader: Reader) -> list[Value]:
    return [arg for e in reader.trace for arg in e.args if isinstance(arg, Table)]


def replaced(reader: Reader) -> Iterator[Fact]:
    """Settings that are overwritten with another constant before anything reads them."""
    for name, before, after in reader.replaced:
        same = isinstance(before, Const) and isinstance(after, Const) and before.data == after.data
        if name.lower() in SETTING_WORDS and not same and before.at.file == after.at.file:
            yield ReplacedConstant(before.at, name=name, before=plain(before), after=plain(after), line=after.at.line)


def inverted(reader: Reader) -> Iterator[Fact]:
    """~ applied to values that are certainly True or False."""
    for event in reader.trace:
        if event.kind == "invert":
            values = event.target.options if isinstance(event.target, Either) else (event.target,)
            if all(isinstance(one, Const) and isinstance(one.data, bool) for one in values):
                yield InvertedTruth(event.at)


def _loose_loads(reader: Reader, session: Session, network: Network | None, reported: set[Location]) -> Iterator[Fact]:
    """Loads with strict=False, except those at places already reported."""
    own = {id(part) for part in parts_of(network.root)} if network else set()
    for event in loads(reader, session.backward.index):
        strict = event.arg(1, "strict")
        if plain(strict) is not False or event.at in reported or (own and id(event.target) not in own):
            continue
        state = event.args[0] if event.args else None
        wrapped = isinstance(event.target, Instance) and network is not None and network.body is not None
        looked_at = (event.at.file, event.at.cell, event.at.line) not in reader.unused_results
        looked_at = looked_at or any(event.result is arg for e in reader.trace for arg in e.args)
        looked_at = looked_at or any(one.args[:1] == (state,) for one in reader.trace.calls("builtins.len"))
        yield LooseLoad(event.at, looked_at=looked_at, wrapped=wrapped and _of_a_library(state))


def _of_a_library(state: Value | None) -> bool:
    """Whether a state is a library network's own, with unchanged names."""
    for _ in range(6):
        if not isinstance(state, Thing):
            return False
        if state.short in ("load_state_dict_from_url", "load_url") or networks.architecture(state):
            return True
        state = state.base if state.name.startswith((".state_dict", "[")) else None
    return False


def commented_loads(reader: Reader, session: Session) -> Iterator[Fact]:
    """Commented-out lines that would load weights before the network trains."""
    trains = session.backward.at
    for source in reader.sources.values():
        for comment, at in source.comments:
            if ".load_state_dict(" in comment or ".load_weights(" in comment:
                words = comment.partition("(")[0].split()
                after = (at.file, at.cell) == (trains.file, trains.cell) and int(at.line or 0) > int(trains.line or 0)
                if len(words) == 1 and "optim" not in words[0] and "sched" not in words[0] and not after:
                    yield LoadCommentedOut(at)


def _kept_graphs(reader: Reader, session: Session) -> Iterator[Fact]:
    if session.batch_loop is None or session.managed:
        return
    loss_parts = {id(one) for one in ancestors(session.loss, 200) if isinstance(one, Thing) and _is_loss_value(one)}
    loss_parts.add(id(session.loss))
    backward = {id(one) for one in ancestors(session.loss)}
    for event in reader.trace:
        if event.kind not in ("add", "append") or session.batch_loop not in event.loops:
            continue
        if (
            any(is_no_grad(context) for context in event.contexts)
            or not event.args
            or (event.kind == "add" and id(event.result) in backward)
        ):
            continue
        value = event.args[-1]
        if _carries(value, loss_parts) and not _made_per_batch(event):
            yield GraphKept(event.at, into=event.name.lstrip("."), how=event.kind)


def _made_per_batch(event: Event) -> bool:
    """Whether the value that the loss is added to is created within a loop over batches, for each batch."""
    made = event.target.at if event.target is not None else None
    if made is None or made.line is None or event.at.line is None:
        return False
    around = [loop.at for loop in event.loops if passes_batches(loop) and loop.at.line is not None]
    return any(
        (made.file, made.cell) == (at.file, at.cell) and int(at.line or 0) < made.line < event.at.line for at in around
    )


def _is_loss_value(value: Thing) -> bool:
    return (value.name == "()" and is_loss(value.base)) or value.short in ("cross_entropy", "nll_loss")


def _carries(value: Value, loss_parts: set[int]) -> bool:
    """Whether a value still holds the loss's graph: the loss itself, or arithmetic on it."""
    if id(value) in loss_parts:
        return True
    return (
        isinstance(value, Thing)
        and value.name.startswith("op")
        and any(_carries(part, loss_parts) for part in value.args)
    )


def _devices(reader: Reader, session: Session) -> Iterator[Fact]:
    if session.managed or session.moved_by_lightning or session.batch_loop is None or session.model is None:
        return
    names = {e.name for e in reader.trace.calls()}
    if any(
        name.endswith(("Accelerator", "Fabric", "set_default_device", "set_default_tensor_type", ".prepare", ".setup"))
        for name in names
    ):
        return
    network = [session.model, *(part for part in parts_of(session.model))]
    ids = {id(part) for part in network}
    holder = session.forward.functions[-1].bound if session.forward and session.forward.functions else None
    moved = [event for event in reader.trace.calls(".to", ".cuda") if not _to_a_type(event)]
    model = any(e.target is holder or isinstance(e.target, Either) or networks.is_network(e.target) for e in moved)
    inputs = any(session.batch_loop in e.loops and id(e.target) not in ids for e in moved)
    inputs = inputs or _made_on_device(session)
    elsewhere = any(id(e.target) not in ids and not networks.is_network(e.target) for e in moved)
    at = session.forward.at if session.forward else session.backward.at
    loader = session.loader
    plain_loader = isinstance(loader, Thing) and loader.short == "DataLoader" and loader.package != "fastai"
    on_cpu = "torch.device" in names and all(
        plain(e.args[0]) == "cpu" for e in reader.trace.calls("torch.device") if e.args
    )
    if on_cpu or (not inputs and elsewhere):
        return  # the images may have been moved before batching
    made = session.model.at
    if not model and not inputs and _moves_somewhere(reader):
        return  # conditional on a command-line option such as --gpu
    if not model:
        yield NotOnDevice(made, network=True, inputs=not inputs)
    elif not inputs and plain_loader and _direct(session):
        yield NotOnDevice(at, network=False, inputs=True)


def _to_a_type(event: Event) -> bool:
    """Whether it only changes the type of the numbers, such as x.to(torch.float32)."""
    given = [*event.args, *event.kwargs.values()]
    return bool(given) and all(isinstance(one, Ref | Thing) and one.name in TYPES for one in given)


def _moves_somewhere(reader: Reader) -> bool:
    """Whether a line that was not read, because an option disables it, moves something to a GPU."""
    read = {(event.at.file, event.at.cell, event.at.line) for event in reader.trace.calls(".to", ".cuda")}
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (node.func.attr == "cuda" or (node.func.attr == "to" and "cuda" in ast.unparse(node)))
        and (source.file, cell, node.lineno) not in read
        for source in reader.sources.values()
        for tree, cell in source.parts
        for node in ast.walk(tree)
    )


def _direct(session: Session) -> bool:
    """Whether the network gets the loader's batches unchanged."""
    value = session.forward.args[0] if session.forward and session.forward.args else None
    while isinstance(value, Thing) and value.name in ("[]", "item"):
        value = value.base
    return value is not None and value is session.loader


def _made_on_device(session: Session) -> bool:
    return session.forward is not None and any(
        isinstance(one, Thing) and "device" in one.kwargs
        for one in ancestors(session.forward.args[0] if session.forward.args else None, 50)
    )


# ---------------------------------------------------------------------- optimizer and parameters


def _frozen_head(reader: Reader, session: Session, network: Network) -> Iterator[Fact]:
    if network.uncertain or not network.frozen:
        return
    last = network.fc
    own = {id(p) for _, p in networks.parameters(last)} if last is not None else set()
    if not own or not own <= network.frozen:
        return
    sets = [e for e in reader.trace.sets("requires_grad") if id(e.target) in own]
    at = sets[-1].at if sets else session.backward.at
    yield HeadFrozen(at, everything=all(id(p) in network.frozen for _, p in network.parameters()))


def _groups(session: Session) -> Iterator[Fact]:
    for optimizer in session.optimizers[:1]:
        groups = groups_of(optimizer) or []
        rates = []
        base = plain(optimizer.arg(1, "lr")) if isinstance(optimizer, Thing) else None
        for _, settings in groups:
            rates.append(plain(settings.get("lr")) if "lr" in settings else base)
        unlike = len(set(map(str, rates))) > 1 or any("lr" in settings for _, settings in groups)
        unlike = unlike or any(name in settings for _, settings in groups for name in LAYERWISE)
        unlike = unlike or any(map(_layerwise, (optimizer, *(given for given, _ in groups))))
        yield ParameterGroups(optimizer.at, groups=len(groups), rates_differ=unlike)


def _layerwise(value: Value | None) -> bool:
    """Whether an optimizer, or the function that makes its groups, sets a separate learning rate per layer."""
    if not isinstance(value, Thing) or networks.is_network(value):
        return False
    decay = next((value.kwargs[name] for name in LAYERWISE if name in value.kwargs), None)
    by_name = any(word in value.short for word in ("layer_decay", "lrd", "layerwise", "lr_decay"))
    return by_name or (decay is not None and plain(decay, 0) not in (None, 1, 1.0))


def _regularisers(reader: Reader, session: Session, network: Network) -> Iterator[Fact]:
    """Dropout, label smoothing and mixing, wherever they are in the program."""
    found = []
    for part in parts_of(network.root):
        if (
            isinstance(part, Thing)
            and part.short.startswith(("Dropout", "DropPath", "StochasticDepth"))
            and part.name.startswith("torch")
        ):
            found.append("dropout")
        if isinstance(part, Instance) and part.cls.name in ("DropPath", "StochasticDepth", "DropBlock"):
            found.append("dropout")
    for event in reader.trace:
        if event.kind != "call":
            continue
        if event.name == "torch.nn.functional.dropout" or event.name.endswith(
            (".Mixup", ".MixUp", ".CutMix", "mixup_data")
        ):
            found.append(event.short.lower())
        if plain(event.kwargs.get("label_smoothing"), 0) not in (0, 0.0, None):
            found.append("label_smoothing")
        if event.name.startswith(("timm", "torchvision")):
            rates = [plain(event.kwargs[name], 1) for name in DROPPING if name in event.kwargs]
            found += ["dropout"] if any(rate != 0 for rate in rates) else []
    yield Regularisers(network.root.at, names=tuple(dict.fromkeys(found)))


def _probes_only(network: Network) -> bool:
    """Whether only the head trains, so that evaluation mode is right for the rest of the network."""
    head = {id(parameter) for _, parameter in network.head_parameters()}
    body = [parameter for name, parameter in network.parameters() if name and id(parameter) not in head]
    return bool(body) and all(id(parameter) in network.frozen for parameter in body)
