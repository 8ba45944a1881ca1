"""Reads the program's network: architecture, initial weights, head, frozen parts, outputs."""

from __future__ import annotations

from dataclasses import dataclass, field

from diagnose.interpreter.reader import Reader
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import (
    Call,
    Const,
    Either,
    Event,
    Instance,
    Items,
    Ref,
    Thing,
    Value,
    clause,
    plain,
    unknown,
)
from diagnose.libraries import networks
from diagnose.libraries.wrappers import is_no_grad
from diagnose.model import Location
from diagnose.training.fields import Fields, ancestors
from diagnose.training.pytorch.freezing import describe_frozen, mark_frozen
from diagnose.training.pytorch.outputs import activation, output_layer, own_tail
from diagnose.training.pytorch.parts import parts_of
from diagnose.training.pytorch.sessions import Session, networks_of
from diagnose.training.unfollowed import UnfollowedCall, described

# Prefixes of function names that do not name a network.
GENERIC = ("build", "create", "get", "make", "load", "init", "setup", "prepare", "main", "initialize", "define",
           "model", "net")  # fmt: skip
COPIES = (".copy_", ".set_", ".swap_")
CHECKPOINT_READERS = ("load", "load_state_dict_from_url", "load_url", "load_file", "safe_load_file")


@dataclass
class Network:
    """The network of a session. body: the library network in it; fc: its output layer.

    outputs: the result of its call; tail: the same for a final part of the program's own class within a library
    network, which is read separately.
    """

    root: Value
    body: Thing | None
    fc: Value | None
    outputs: Value | None = None
    tail: Value | None = None
    frozen: set[int] = field(default_factory=set)  # ids of parameters that do not train
    frozen_at: Location | None = None
    uncertain: bool = False

    def parameters(self) -> list[tuple[str, Value]]:
        """Every parameter with its dotted name; a nameless one represents unknown parameters."""
        return list(networks.parameters(self.root))

    def head_parameters(self) -> list[tuple[str, Value]]:
        """The parameters of the last layer and everything outside the library network, with their dotted names."""
        if self.body is None:
            return [(n, p) for n, p in networks.parameters(self.fc)] if self.fc is not None else []
        names = networks.family(self.body) or ()
        inside = {id(p) for name in names[:-1] for _, p in networks.parameters(networks.child(self.body, name))}
        return [(name, parameter) for name, parameter in self.parameters() if id(parameter) not in inside]


def find_network(reader: Reader, session: Session) -> Network | None:
    """The network that a session trains, with the parameters frozen before it; None where no call of one was found."""
    if session.model is None:
        return None
    body = library_network(session.model) or _by_unknown_name(session.model)
    extractor = _extractor(reader, session) if body is None else None
    network = Network(session.model, body, None)
    if extractor is not None:
        whole = Thing(session.model.at, "torch.nn.Sequential", (extractor, session.model))
        network = Network(whole, library_network(extractor), None)
    network.outputs = session.forward.result if session.forward else None
    tail = own_tail(session, network)
    if tail is not None:
        given = Call((unknown(Reason.PLACEHOLDER, "the features", tail.at),), {}, tail.at)
        network.outputs = network.tail = reader.call(tail, given)
    network.fc = output_layer(network)
    mark_frozen(reader, session, network)
    return network


def _extractor(reader: Reader, session: Session) -> Value | None:
    """The library network whose outputs, without gradients, are the inputs of the trained one: a frozen backbone
    before a separate head; None where there is none."""
    images = session.forward.args[0] if session.forward and session.forward.args else None
    before = {id(one) for one in ancestors(images, 200)}
    for event in reader.trace.calls("()", before=session.backward.index):
        if event.target is None or event.target is session.model or id(event.result) not in before:
            continue
        still = any(map(is_no_grad, event.contexts))
        still = still or any(one.name == ".detach" for one in ancestors(images, 6) if isinstance(one, Thing))
        if still and library_network(event.target) is not None:
            return event.target
    return None


def _by_unknown_name(value: Value | None) -> Thing | None:
    """A library network whose name is unknown or missing; its other arguments may be known."""
    if not isinstance(value, Thing) or value.package not in ("timm", "torchvision"):
        return None
    return value if value.short in ("create_model", "get_model") or networks.is_class_of_timm(value) else None


def library_network(value: Value | None, depth: int = 0) -> Thing | None:
    """The known architecture that a network is or contains; None where there is none."""
    if isinstance(value, Thing) and networks.architecture(value):
        return value
    if depth > 5 or value is None:
        return None
    if isinstance(value, Either):
        return next((n for n in (library_network(o, depth + 1) for o in value.options) if n), None)
    inner: list[Value] = []
    if isinstance(value, Instance):
        inner = [part for part in value.attrs.values() if isinstance(part, Value)]
    elif isinstance(value, Thing):
        inner = [part for _, part in networks.children(None, value) or []] if networks.is_container(value) else []
        if value.name.startswith("child:") and isinstance(value.base, Thing):
            return value.base
    for part in inner:
        if networks.is_network(part) or isinstance(part, Items):
            parts = part.items if isinstance(part, Items) else (part,)
            found = next((n for n in (library_network(one, depth + 1) for one in parts) if n), None)
            if found:
                return found
    return None


def describe(reader: Reader, session: Session, network: Network, lost: list[UnfollowedCall], fields: Fields) -> bool:
    """Write model, weights, head, frozen and output_activation into `fields`.

    lost: the calls that were not followed, which may load weights into their arguments. Returns whether the network is
    the program's own.
    """
    body, root = network.body, network.root
    own = body is None
    if body is not None:
        name = networks.architecture(body)
        value = body.arg(0, "model_name", "name") if body.short in ("create_model", "get_model") else None
        if name is not None:
            fields.know("model", name.lower(), value.at if value is not None else body.at)
        else:
            fields.unknown("model", clause(value) if value is not None else f"it is made by {described(body)}")
    elif is_own(root):
        fields.know("model", own_name(root), own_place(root))
    else:
        fields.unknown("model", f"it is made by {described(root)}, which is not followed")
        own = False
    _weights(reader, session, network, lost, fields)
    _head(network, lost, fields)
    describe_frozen(network, fields)
    activation(session, network, fields)
    return own


def own_name(root: Value) -> str:
    """The name of the program's own network, in lower case: of the function that creates it, else of its class."""
    if isinstance(root, Instance):
        maker = _maker(root)
        return str(maker.data if maker is not None else root.cls.name).lower()
    if isinstance(root, Thing):
        return root.short.lower()
    return "unknown"


def own_place(root: Value) -> Location:
    """Where the program creates its own network."""
    maker = _maker(root) if isinstance(root, Instance) else None
    return maker.at if maker is not None else root.at


def _maker(root: Instance) -> Const | None:
    """The function that a network is named after, such as ResNet18, but not build_model or get_net."""
    makers = root.attrs.get("__makers__")
    names = [one for one in makers.items if isinstance(one, Const)] if isinstance(makers, Items) else []
    return next((one for one in names if str(one.data).lower().split("_")[0] not in GENERIC), None)


def is_own(root: Value) -> bool:
    """Whether a network is made of the program's own classes or torch's layers."""
    return isinstance(root, Instance) or (isinstance(root, Thing) and root.name.startswith("torch.nn."))


def _weights(reader: Reader, session: Session, network: Network, lost: list[UnfollowedCall], fields: Fields) -> None:
    """The network's initial weights: from its last load, else its builder; unknown where neither is certain."""
    loaded = _loaded(reader, session, network)
    if loaded is not None:
        path, at = loaded
        if isinstance(path, str) and _saves_to(reader, path):
            fields.unknown("weights", f"the run resumes from its own checkpoint {path} (line {at.line})")
        elif isinstance(path, str):
            fields.know("weights", path, at)
        else:
            fields.unknown("weights", "they come from a checkpoint whose path is not known")
        return
    own = Fields(fields.file)
    if network.body is not None:
        state_weights(network.body, own)
    elif is_own(network.root):
        own.know("weights", "none", own_place(network.root))
    else:
        own.unknown("weights", f"the network is made by {described(network.root)}, which is not followed")
    weights = own.settings["weights"]
    doubt = _doubt(reader, session, network, lost) if weights.known and weights.value == "none" else None
    if doubt is not None:
        fields.unknown("weights", doubt)
    else:
        fields.settings["weights"] = weights


def _saves_to(reader: Reader, path: str) -> bool:
    """Whether the program writes a checkpoint to the path that it loads."""
    return any(
        event.kind == "call" and "save" in event.short and any(plain(one) == path for one in event.args)
        for event in reader.trace
    )


def _doubt(reader: Reader, session: Session, network: Network, lost: list[UnfollowedCall]) -> str | None:
    """Why a network whose builder loads nothing may still start from weights; None where it does not."""
    parts = list(parts_of(network.root))
    own = {id(part) for part in parts} | {id(one) for one in networks_of(session)}
    before = session.backward.index
    for event in loads(reader, before):
        unknown = isinstance(event.target, Thing) and event.target.name in ("", "item")
        if id(event.target) in own or unknown:
            how = "a load that hangs on a condition" if event.guards else "a load whose content is not known"
            return f"{how} (line {event.at.line}) may give it weights"
    for event in reader.trace[:before]:
        if event.kind == "call" and event.name in COPIES and _of_parameters(event.target, own):
            return f"its parameters are written to (line {event.at.line})"
        if event.kind == "set" and event.name in (".data", ".weight", ".bias") and _of_parameters(event.target, own):
            return f"its parameters are set (line {event.at.line})"
        if event.name == "torch.nn.utils.vector_to_parameters":
            return f"its parameters are set from a vector (line {event.at.line})"
    for call in lost:
        if call.event.index < before and call.reaches([*parts, *networks_of(session)]):
            return f"{call.what} (line {call.at.line}) was not followed, and may load them"
    for part in parts:
        why = _stranger(part)
        if why is not None:
            return why
    for event in reader.trace[:before]:
        inside = event.kind == "call" and event.name == "()" and bool(event.functions)
        if inside and id(event.functions[-1].bound) in own and _unread_part(event.target):
            return f"{described(event.target)}, which its forward calls (line {event.at.line}), is not followed"
    return None


def _unread_part(value: Value | None) -> bool:
    """Whether a value that a forward calls isn't a known layer, and may have weights of its own."""
    return isinstance(value, Thing) and (value.name == "" or value.package not in ("torch", "torchvision", "child"))


def _of_parameters(value: Value | None, own: set[int]) -> bool:
    """Whether a tensor is a parameter of one of the parts, its data, or comes from their state."""
    for _ in range(12):
        if value is None or id(value) in own:
            return value is not None
        if not isinstance(value, Thing):
            return False
        if value.name == ".state_dict" or value.name == "parameter":
            return value.base is None or id(value.base) in own
        value = value.base
    return False


def _stranger(part: Value) -> str | None:
    """Why a part of a network may have its own weights: it is a library's, with pretrained or unknown weights."""
    if not isinstance(part, Thing) or part.name.startswith(("torch.nn.", "child:", "keras.layers.")):
        return None
    if networks.architecture(part):
        fields = Fields("")
        state_weights(part, fields)
        setting = fields.settings.get("weights")
        random = setting is not None and setting.known and setting.value == "none"
        return None if random else "a part of it brings its own"
    return f"a part of it is made by {described(part)}, which is not followed"


def state_weights(body: Thing, fields: Fields) -> None:
    """Write weights into `fields`, from a library network's builder: none, imagenet, a name or a file."""
    if body.short == "from_pretrained":
        fields.know("weights", "imagenet", body.at)
        return
    if body.short == "from_name":
        fields.know("weights", "none", body.at)
        return
    value = body.kwargs.get("weights") or body.kwargs.get("pretrained")
    if value is None and body.name.startswith("torchvision.models.") and body.short != "get_model":
        value = body.args[0] if body.args else None
    if value is None and body.short == "create_model":
        value = body.arg(1, "pretrained")
        path = body.kwargs.get("checkpoint_path")
        if path is not None and plain(path) not in (None, ""):
            fields.take("weights", path, str)
            return
    weights = weights_name(value)
    if value is None:
        fields.know("weights", "none", body.at)
    elif weights is not None:
        fields.know("weights", weights, value.at)
    else:
        fields.unknown("weights", clause(value))


def weights_name(value: Value | None) -> str | None:
    """ "none", "imagenet" or the name of a builder's weights; None where unknown."""
    match value:
        case Const(data=None | False):
            return "none"
        case Const(data=True):
            return "imagenet"
        case Const(data=str(name)):
            return "none" if name.lower() in ("none", "") else name.rpartition(".")[2]
        case Ref(name=name) if "Weights" in name:
            return name.rpartition(".")[2]
        case Thing(name=name, args=args) if name.endswith((".get_weight", ".verify")) and args:
            return weights_name(args[0])
        case Either(options=options):
            names = {weights_name(option) for option in options}
            return names.pop() if len(names) == 1 else None
    return None


def loads(reader: Reader, before: int) -> list[Event]:
    """The calls of load_state_dict() and load_weights() among the first `before` events."""
    return reader.trace.calls(".load_state_dict", ".load_weights", before=before)


def _loaded(reader: Reader, session: Session, network: Network) -> tuple[object, Location] | None:
    """The weights file that is loaded into the network before it trains."""
    own = {id(part) for part in parts_of(network.root)}
    for event in reversed(loads(reader, session.backward.index)):
        if event.guards or id(event.target) not in own or batch_loops_of(event):
            continue
        for one in ancestors(event.args[0] if event.args else None):
            if isinstance(one, Thing) and one.short in CHECKPOINT_READERS and one.args:
                path = one.args[0]
                return plain(path), path.at
            if isinstance(one, Thing) and one is not network.body and networks.architecture(one):
                fields = Fields("")
                state_weights(one, fields)
                setting = fields.settings.get("weights")
                if setting is not None and setting.known and setting.value != "none":
                    return setting.value, Location(str(setting.file), setting.line, setting.cell)
    return None


def batch_loops_of(event: Event) -> bool:
    """Whether an event is in a loop that was read once for all its items."""
    return any(not loop.unrolled for loop in event.loops)


def _head(network: Network, lost: list[UnfollowedCall], fields: Fields) -> None:
    fc, body = network.fc, network.body
    replaced = next((one for one in lost if one.what.startswith("setattr") and one.reaches([network.root, body])), None)
    if replaced is not None:
        fields.unknown("head", f"{replaced.what} at line {replaced.at.line} may replace its last layer")
        return
    if isinstance(fc, Thing) and fc.short in ("Linear", "LazyLinear", "Conv2d"):
        fields.take("head", fc.arg(0 if fc.short == "LazyLinear" else 1, "out_features", "out_channels"), int)
        return
    if body is None or fc is None:
        fields.unknown("head", "its last layer was not found")
        return
    if isinstance(fc, Instance):
        fields.unknown("head", f"its last layer is of the program's own class {fc.cls.name}")
        return
    value = body.kwargs.get("num_classes") or body.kwargs.get("num_labels")
    if body.package == "transformers" and value is None:
        fields.unknown("head", "the checkpoint defines its number of outputs")
        return
    untouched = fc is body or (isinstance(fc, Thing) and fc.name.startswith("child:"))
    if untouched:
        fields.take("head", value, int, default=1000, at=body.at)
