"""The parts of a neural network as far as the program's text shows them: children, parameters, architectures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from diagnose.catalogue import architectures
from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.reasons import Reason, Unknown
from diagnose.interpreter.values import Call, Const, Either, Instance, Items, Ref, Table, Thing, Value, plain, unknown
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay("networks")

CONTAINERS = ("Sequential", "ModuleList", "ModuleDict")
# Base classes of a program's own networks.
NETWORKS = ("Module", "LightningModule", "Sequential", "Model", "Layer", "ResNet", "PreTrainedModel", "VGG", "DenseNet",
            "PyTorchModelHubMixin")  # fmt: skip
WITH_WEIGHT = ("Linear", "LazyLinear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose2d", "BatchNorm1d", "BatchNorm2d",
               "SyncBatchNorm", "GroupNorm", "LayerNorm", "Embedding", "PReLU", "Bilinear",
               "InstanceNorm2d")  # fmt: skip
WITHOUT_PARAMETERS = ("kornia", "torchmetrics", "torchvision", "albumentations")  # in their modules, except networks
HOMES = ("torch", "torchvision", "timm", "transformers", "pretrainedmodels", "efficientnet_pytorch", "monai",
         "open_clip",
         "segmentation_models_pytorch", "resnest", "pytorchcv", "clip", "vit_pytorch")  # fmt: skip

BOTTLENECKS = {"50": (3, 4, 6, 3), "101": (3, 4, 23, 3), "152": (3, 8, 36, 3)}
BASIC = {"18": (2, 2, 2, 2), "34": (3, 4, 6, 3)}
NO_WEIGHTS = ("relu", "maxpool", "avgpool", "dropout", "permute", "flatten", "maxpool1", "maxpool2")


def is_container(value: Value | None) -> bool:
    """Whether a value is a Sequential, ModuleList or ModuleDict of torch or Keras."""
    return isinstance(value, Thing) and value.package in ("torch", "keras") and value.short in CONTAINERS


def is_network(value: Value | None) -> bool:
    """Whether a value is a network or a layer of one."""
    if isinstance(value, Instance):
        known = any(name in NETWORKS for name in value.cls.foreign())
        return known or value.cls.find("forward") is not None or extends_library(value)
    if not isinstance(value, Thing) or value.name.startswith((".", "op", "[", "(")):
        return False
    if value.name.startswith("child:"):
        return True
    if value.name.startswith("torch.nn.") and value.short[:1].isupper():
        return not value.short.endswith("Loss")
    return (
        is_class_of_timm(value) or family(value) is not None or (value.package in HOMES and value.short in MODEL_MAKERS)
    )


def is_class_of_timm(value: Thing) -> bool:
    """Whether a value is an instance of one of timm's model classes, such as VisionTransformer."""
    return value.name.startswith("timm.models.") and value.short[:1].isupper()


VISION_TRANSFORMERS = ("ViT", "SimpleViT", "DeepViT", "CaiT", "CCT", "CvT", "LeViT", "CrossViT", "MaxViT", "XCiT",
                       "NaViT", "T2TViT", "PiT", "MobileViT", "SmallDatasetViT")  # fmt: skip


def extends_library(value: Instance) -> bool:
    """Whether a class of the program derives from a library's network, whose own layers are not read."""
    bases = (base for own in value.cls.lineage() for base in own.bases)
    return any(
        isinstance(base, Ref) and base.name.startswith(("torchvision.models.", "timm.models.")) for base in bases
    )


MODEL_MAKERS = (
    "create_model",
    "from_pretrained",
    "from_name",
    "get_model",
    "load",
    "Module",
    "EfficientNet",
    "create_model_and_transforms",
)


def architecture(value: Value | None) -> str | None:
    """The builder's name of a library network, such as resnet50; None where it isn't one, or unknown."""
    if not isinstance(value, Thing):
        return None
    if value.name.startswith("torchvision.models.") and value.short != "get_model" and "_Weights" not in value.name:
        return value.short.lower() if value.short[:1].islower() else None
    if value.short in ("create_model", "get_model") and value.package in ("timm", "torchvision"):
        name = plain(value.arg(0, "model_name", "name"))
        return str(name) if isinstance(name, str) else None
    if value.name in ("torch.hub.load", "torch.hub.hub.load"):
        name = plain(value.arg(1, "model"))
        return str(name) if isinstance(name, str) else None
    if value.package == "vit_pytorch" and value.short in VISION_TRANSFORMERS:
        return value.short.lower()
    if value.short in ("from_pretrained", "from_name") and (value.package in ("efficientnet_pytorch", "transformers")):
        name = plain(value.arg(0))
        return str(name).rpartition("/")[2] if isinstance(name, str) else None
    return None


def family(value: Value | None) -> tuple[str, ...] | None:
    """The names of a known architecture's children in order, the head last; None for any other value."""
    name = architecture(value)
    if name is None:
        return None
    entry = architectures.find(name)
    if isinstance(value, Thing) and value.package == "vit_pytorch":
        return ("to_patch_embedding", "transformer", "mlp_head")
    if entry is None:
        return ("features", "head")
    return entry.timm if entry.timm and isinstance(value, Thing) and value.package == "timm" else entry.parts


def children(reader: Reader | None, value: Value) -> list[tuple[str, Value]] | None:
    """The direct parts of a network with their names; None where they are not known."""
    if isinstance(value, Instance):
        own = [(str(name), part) for name, part in value.attrs.items() if is_network(part)]
        has_forward = "forward" in {str(n) for c in value.cls.lineage() for n in c.names}
        return own if own or has_forward or extends_library(value) else None
    if not isinstance(value, Thing):
        return None
    if is_container(value):
        return _contained(value)
    if (inner := _inner(value)) is not None:
        return inner
    names = family(value)
    if names:
        return [(name, child(value, name)) for name in names]
    if value.name.startswith("torch.nn.") and value.short[:1].isupper():
        return []
    return None


def _contained(value: Thing) -> list[tuple[str, Value]] | None:
    parts: list[tuple[str, Value]] = []
    for argument in value.args:
        if isinstance(argument, Table):
            parts += [(str(name), part) for name, part in argument.pairs.items()]
        elif isinstance(argument, Items):
            parts += [(str(len(parts) + n), part) for n, part in enumerate(argument.items)]
        else:
            parts.append((str(len(parts)), argument))
    for key, part in value.attrs.items():
        if isinstance(key, tuple) and key[0] == "[]" and isinstance(key[1], int) and parts:
            place = key[1] % len(parts)
            parts[place] = (parts[place][0], part)
    return parts


# The classifier layers of torchvision's oldest networks, by the prefix of their names: units of Linear layers.
CLASSIFIERS = {"vgg": (25088, "ReLU", "Dropout", 4096, "ReLU", "Dropout", 4096),
               "alexnet": ("Dropout", 9216, "ReLU", "Dropout", 4096, "ReLU", 4096)}  # fmt: skip
CLASSIFIER_WIDTH = 4096


def _inner(value: Thing) -> list[tuple[str, Value]] | None:
    """The layers within the classifier of torchvision's VGG or AlexNet, including replaced ones; else None."""
    body = value.base
    if value.name != "child:classifier" or not isinstance(body, Thing) or body.package != "torchvision":
        return None
    layers = next((own for start, own in CLASSIFIERS.items() if (architecture(body) or "").startswith(start)), None)
    if layers is None or any(isinstance(key, str) and is_network(part) for key, part in value.attrs.items()):
        return None
    made = []
    for place, layer in enumerate(layers):
        known = value.attrs.get(("[]", place), value.attrs.get(("[]", place - len(layers))))
        if not isinstance(known, Value) or not is_network(known):
            units: Value = Const(value.at, CLASSIFIER_WIDTH)
            if place == len(layers) - 1:
                units = body.kwargs.get("num_classes") or Const(value.at, 1000)
            linear = (Const(value.at, layer), units) if isinstance(layer, int) else ()
            known = Thing(
                value.at, name=f"torch.nn.{layer if isinstance(layer, str) else 'Linear'}", args=linear, base=value
            )
            value.attrs["[]", place] = known
        made.append((str(place), known))
    return made


def child(value: Thing, name: str) -> Value:
    """A part of a library network, the same value each time."""
    found = value.attrs.get(name)
    if isinstance(found, Value):
        return found
    made = Thing(value.at, name=f"child:{name}", base=value)
    value.attrs[name] = made
    return made


def last_layer(value: Value | None) -> Value | None:
    """The layer that produces a network's outputs: the last of a container, the head of a known architecture."""
    for _ in range(12):
        if isinstance(value, Thing) and is_container(value):
            parts = _contained(value)
            if not parts:
                return None
            value = parts[-1][1]
        elif isinstance(value, Thing) and (names := family(value)):
            value = child(value, names[-1])
        elif isinstance(value, Thing) and (layers := _inner(value)):
            last = layers[-1][1]
            if isinstance(last, Thing) and last.base is value:
                return value
            value = last
        elif isinstance(value, Thing) and value.name.startswith("child:"):
            inner = [part for key, part in value.attrs.items() if isinstance(key, tuple) and key[0] == "[]"]
            named = value.attrs.get("head")
            replaced = [
                part for part in (*inner, named) if isinstance(part, Thing) and not part.name.startswith(("[", "."))
            ]
            if not replaced:
                return value
            value = replaced[-1]
        elif isinstance(value, Instance) and extends_library(value):
            heads = [value.attrs[name] for name in ("fc", "classifier", "head", "heads") if name in value.attrs]
            if not heads:
                return value
            value = heads[0]
        else:
            return value
    return value


def parameter_names(value: Thing) -> list[str]:
    """Names of a library network's own parameters, as far as they belong to its unmodified children."""
    arch = architecture(value) or ""
    names = family(value) or ()
    digits = next((part for part in ("152", "101", "50", "34", "18") if part in arch), None)
    found: list[str] = []
    for part in names:
        if part in NO_WEIGHTS:
            continue
        if names == architectures.RESNET and part.startswith("layer") and digits:
            blocks = (BOTTLENECKS.get(digits) or BASIC[digits])[int(part[-1]) - 1]
            convs = 3 if digits in BOTTLENECKS else 2
            for block in range(blocks):
                for conv in range(1, convs + 1):
                    found.append(f"{part}.{block}.conv{conv}.weight")
                    found += [f"{part}.{block}.bn{conv}.weight", f"{part}.{block}.bn{conv}.bias"]
                if block == 0 and (convs == 3 or part != "layer1"):
                    found.append(f"{part}.0.downsample.0.weight")
                    found += [f"{part}.0.downsample.1.weight", f"{part}.0.downsample.1.bias"]
        elif part == "conv1":
            found.append("conv1.weight")
        elif part in ("features", "encoder", "layers", "stage2", "stage3", "stage4", "trunk_output"):
            found += [f"{part}.{n}.{kind}" for n in range(8) for kind in ("weight", "bias")]
        else:
            found += [f"{part}.weight", f"{part}.bias"]
    return found


def parameters(value: Value, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Value]]:
    """Every parameter with its dotted name; a nameless unknown represents those that are not known."""
    if depth > 12:
        return
    parts = children(None, value)
    if parts is None:
        if isinstance(value, Either):
            yield "", unknown(Reason.CONDITION, "one of several networks", value.at)
        elif isinstance(value, Thing) and value.name.startswith("child:"):
            yield from _child_parameters(value, prefix)
        elif isinstance(value, Thing) and value.package in WITHOUT_PARAMETERS:
            return
        elif isinstance(value, Thing) and value.package != "torch":
            yield "", unknown(Reason.UNFOLLOWED, f"the parameters of {value.name} are not known", value.at)
        else:
            yield f"{prefix}weight", _parameter(value, "weight")
        return
    if isinstance(value, Instance):
        for name, part in value.attrs.items():
            if isinstance(part, Thing) and part.short == "Parameter":
                yield f"{prefix}{name}", part
        if extends_library(value):
            yield "", unknown(Reason.UNREAD, "the layers of a library's class are not read", value.at)
    if not parts and isinstance(value, Thing):
        if value.short in WITH_WEIGHT:
            yield f"{prefix}weight", _parameter(value, "weight")
            if plain(value.kwargs.get("bias"), True) is not False:
                yield f"{prefix}bias", _parameter(value, "bias")
        return
    for name, part in parts:
        if isinstance(part, Const):
            continue
        yield from parameters(part, f"{prefix}{name}.", depth + 1)


def _child_parameters(value: Thing, prefix: str) -> Iterator[tuple[str, Value]]:
    """Parameters of an unmodified part of a library network, and of layers added to it since."""
    label = value.name.removeprefix("child:")
    inside = [
        part for key, part in value.attrs.items() if isinstance(key, tuple) and key[0] == "[]" and is_network(part)
    ]
    inside += [part for key, part in value.attrs.items() if isinstance(key, str) and is_network(part)]
    if isinstance(value.base, Thing) and not inside:
        for name in parameter_names(value.base):
            first, _, rest = name.partition(".")
            if first == label:
                yield f"{prefix}{rest}", _parameter(value, rest)
    for number, part in enumerate(inside):
        yield from parameters(part, f"{prefix}{number}.", 6)


def _parameter(owner: Value, name: str) -> Value:
    attrs: dict[Any, Any] = owner.attrs if isinstance(owner, Thing | Instance) else {}
    found = attrs.get(("parameter", name))
    if not isinstance(found, Value):
        found = Thing(owner.at, name="parameter", base=owner, args=(Const(owner.at, name),))
        found.attrs["requires_grad"] = Const(owner.at, True)
        attrs[("parameter", name)] = found
    return found


# ---------------------------------------------------------------------- answers to the reader


IN_FEATURES = {"18": 512, "34": 512, "50": 2048, "101": 2048, "152": 2048}


@OVERLAY.answer("attribute")
def attribute(reader: Reader, owner: Value, name: str, at: Location) -> Value | None:
    """An attribute of a network or dataset that follows from its kind alone, such as fc or in_features.

    None where it does not.
    """
    if name == "module" and is_network(owner):
        return owner  # of DataParallel, which is looked through
    if name == "training" and isinstance(owner, Instance) and is_network(owner):
        return Const(at, True)  # until eval() changes it
    if isinstance(owner, Thing):
        if name in (family(owner) or ()) or (name in ("fc", "classifier", "head", "heads") and family(owner)):
            return child(owner, name)
        if name == "in_features" and owner.name == "child:fc":
            arch = architecture(owner.base) or ""
            known = next((n for part, n in IN_FEATURES.items() if part in arch), None)
            return Const(at, known) if known else None
        if name == "in_features" and owner.short == "Linear" and owner.args:
            return owner.args[0]
        if name == "out_features" and owner.short == "Linear":
            return owner.arg(1, "out_features")
        if name in ("classes", "class_to_idx", "class_names") and (count := class_count(owner)):
            return Items(at, tuple(unknown(Reason.PLACEHOLDER, "a class's name", at) for _ in range(count)))
        if name == "dataset" and (owner.short in ("Subset", "random_split", "DataLoader") or owner.name == "[]"):
            whole = owner.base if owner.name == "[]" else owner
            return whole.arg(0, "dataset") if isinstance(whole, Thing) and whole.short != "[]" else None
        if name == "transforms" and owner.short == "Compose" and owner.args:
            return owner.args[0]
        if name == "n_gpu" or owner.name.startswith("torch.device"):
            return None
    return None


@OVERLAY.answer("item")
def item(reader: Reader, owner: Value, key: Any, at: Location) -> Value | None:
    """The part of a container at an index; None for any other value."""
    if isinstance(owner, Thing) and isinstance(key, int):
        parts = (_contained(owner) if is_container(owner) else _inner(owner)) or []
        return parts[key][1] if -len(parts) <= key < len(parts) else None
    return None


@OVERLAY.answer("listed")
def listed(reader: Reader, value: Value) -> list[Value] | None:
    """The parts of a container in order; None for any other value."""
    if isinstance(value, Thing) and value.short in CONTAINERS and is_container(value):
        return [part for _, part in _contained(value) or []]
    inner = _inner(value) if isinstance(value, Thing) else None
    return [part for _, part in inner] if inner is not None else None


@OVERLAY.handles(".register_buffer", of=is_network)
def _register_buffer(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """A tensor that a module stores under its name."""
    name, tensor = plain(call.arg(0, "name")), call.arg(1, "tensor")
    if isinstance(owner, Instance) and isinstance(name, str) and tensor is not None:
        reader.write(owner.attrs, name, tensor)
    return Const(call.at, None)


def _is_parameter(value: Value | None) -> bool:
    return isinstance(value, Thing) and value.name == "parameter"


@OVERLAY.handles("builtins.id")
def _id(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """The id of a parameter, which programs use to separate the head's parameters from the rest."""
    return Const(call.at, id(call.args[0])) if call.args and _is_parameter(call.args[0]) else None


@OVERLAY.handles("()", of=is_container)
def _call_parts(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """Call the program's own modules in a container, each on the previous result."""
    given = call
    for _, part in (_contained(base) or []) if isinstance(base, Thing) else []:
        if isinstance(part, Instance):
            given = Call((reader.call(part, given),), {}, call.at)
    return None


@OVERLAY.handles(".append", ".add", ".extend", ".insert", ".appendleft", of=is_container)
def _append_part(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    assert isinstance(owner, Thing)
    more = call.args[-1:]
    if more and isinstance(more[0], Items):
        more = more[0].items
    reader.write(vars(owner), "args", (*owner.args, *more))
    return Const(call.at, None)


@OVERLAY.answer("calls")
def _forward(owner: Value, name: str) -> bool | None:
    """model.forward(x) equals model(x) except for hooks."""
    return (name == "forward" and is_network(owner)) or None


CLASS_COUNTS = {"CIFAR10": 10, "CIFAR100": 100, "MNIST": 10, "FashionMNIST": 10, "KMNIST": 10, "SVHN": 10, "STL10": 10,
                "Food101": 101, "Flowers102": 102, "OxfordIIITPet": 37, "GTSRB": 43, "EuroSAT": 10, "DTD": 47,
                "FGVCAircraft": 100, "StanfordCars": 196, "Caltech101": 101, "Caltech256": 257, "ImageNet": 1000,
                "Imagenette": 10, "Country211": 211, "SUN397": 397, "QMNIST": 10, "USPS": 10}  # fmt: skip


def class_count(dataset: Value | None) -> int | None:
    """The number of classes of a public dataset of torchvision; None for any other."""
    if isinstance(dataset, Thing) and dataset.name.startswith("torchvision.datasets."):
        return CLASS_COUNTS.get(dataset.short)
    return None


@OVERLAY.answer("length")
def length(value: Value | None, at: Location) -> Value | None:
    """len() of a library's object: a value known at run time only; None for any other value."""
    if isinstance(value, Thing) and value.name:
        return Thing(
            at,
            name="builtins.len",
            args=(value,),
            why=Unknown(Reason.RUN, "it depends on the number of images or classes"),
        )
    return None
