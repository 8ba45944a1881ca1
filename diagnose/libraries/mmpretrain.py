"""The types in mmpretrain's and mmcls's configurations: networks, losses, datasets and transforms.

A part is a dict with its `type`, a name or a class, and arguments. Each becomes its equivalent in torchvision or timm,
so that it is read as in any other program; an unknown type leaves the other parts known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Call, Class, Const, Items, Ref, Table, Thing, Value, plain, unknown
from diagnose.libraries import networks
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OWN = ("mmpretrain", "mmcls", "mmselfsup", "mim")
OVERLAY = Overlay("mmpretrain", packages=OWN, understood=OWN)

CLASSIFIERS = ("ImageClassifier", "TimmClassifier", "HuggingFaceClassifier")
NOT_READ = "it stands in settings that were not read"
TRANSFORMS = "torchvision.transforms."
LOADED_BY = ("torchvision://", "open-mmlab://")  # prefixes of named ImageNet weights


def type_of(part: Value | None) -> str:
    """The unqualified name of a part's type; "" where there is none."""
    value = part.pairs.get("type") if isinstance(part, Table) else None
    if isinstance(value, Ref | Class):
        return value.name.rpartition(".")[2]
    return str(plain(value, "") or "").rpartition(".")[2]


def place_of(part: Table) -> Location:
    """Where a part names its type."""
    kind = part.pairs.get("type")
    return kind.at if isinstance(kind, Const) else part.at


def argument(part: Value | None, *names: str) -> Value | None:
    """The first of these arguments that a part has; unknown where it may have more than was read."""
    if not isinstance(part, Table):
        return None
    for name in names:
        if name in part.pairs:
            part.read.add(name)
            return part.pairs[name]
    return unknown(Reason.UNREAD, "it may stand in settings that were not read", part.at) if part.partial else None


# ---------------------------------------------------------------------- networks


def _vit(backbone: Table) -> str:
    arch = str(plain(argument(backbone, "arch"), "base"))
    kind = {"s": "small", "b": "base", "l": "large", "h": "huge"}.get(arch, arch.removeprefix("deit-"))
    size, patch = (
        plain(argument(backbone, name), default) for name, default in (("img_size", 224), ("patch_size", 16))
    )
    side = size[0] if isinstance(size, list | tuple) and size else size
    return f"{'deit' if arch.startswith('deit') else 'vit'}_{kind}_patch{patch}_{side}"


def _resnext(backbone: Table) -> str:
    depth = plain(argument(backbone, "depth"))
    groups, width = (plain(argument(backbone, n), d) for n, d in (("groups", 32), ("width_per_group", 4)))
    return f"resnext{depth}_{groups}x{width}d"


def _with(prefix: str, name: str, default: str = "", joint: str = "") -> Callable[[Table], str]:
    return lambda backbone: f"{prefix}{joint}{plain(argument(backbone, name), default)}"


BACKBONES: dict[str, Callable[[Table], str]] = {
    "ResNet": _with("resnet", "depth"), "ResNetV1b": _with("resnet", "depth"), "ResNetV1c": _with("resnetv1c", "depth"),
    "ResNetV1d": _with("resnetv1d", "depth"), "ResNet_CIFAR": _with("resnet_cifar", "depth"), "ResNeXt": _resnext,
    "SEResNet": _with("seresnet", "depth"), "ResNeSt": _with("resnest", "depth"), "VGG": _with("vgg", "depth"),
    "DenseNet": _with("densenet", "arch", "121"), "MobileNetV2": lambda _: "mobilenet_v2",
    "MobileNetV3": _with("mobilenet_v3_", "arch", "small"), "EfficientNet": _with("efficientnet_", "arch", "b0"),
    "EfficientNetV2": _with("efficientnet_v2_", "arch", "s"), "ConvNeXt": _with("convnext_", "arch", "tiny"),
    "RegNet": _with("", "arch"), "ShuffleNetV2": lambda _: "shufflenet_v2_x1_0",
    "InceptionV3": lambda _: "inception_v3", "AlexNet": lambda _: "alexnet", "VisionTransformer": _vit,
    "SwinTransformer": lambda b: f"swin_{plain(argument(b, 'arch'), 'tiny')}_patch4_window7_224",
    "TIMMBackbone": _with("", "model_name"),
}  # fmt: skip
IN_TORCHVISION = ("ResNet", "VGG", "DenseNet", "MobileNetV2", "AlexNet")


def network(reader: Reader, model: Table, partial: bool) -> Value:
    """The network of an ImageClassifier: its backbone by a library's name, with the outputs of its head.

    partial: whether unread settings may give weights.
    """
    backbone, head = model.pairs.get("backbone"), model.pairs.get("head")
    if not isinstance(backbone, Table) or not type_of(backbone):
        if type_of(model) == "TimmClassifier":
            backbone = Table(model.at, {**model.pairs, "type": Const(model.at, "TIMMBackbone")}, model.partial)
        else:
            backbone = Table(model.at, {"model_name": unknown(Reason.UNREAD, NOT_READ, model.at)}, partial=True)
    kind, at = type_of(backbone), place_of(backbone)
    make = BACKBONES.get(kind)
    name = Const(at, make(backbone) if make is not None else kind.lower()) if kind else backbone.pairs["model_name"]
    outputs = (
        argument(head, "num_classes")
        or argument(model, "num_classes")
        or unknown(Reason.UNREAD, "its head was not read", model.at)
    )
    weights = _weights(model, backbone, partial or model.partial or backbone.partial)
    if kind in IN_TORCHVISION:
        kwargs = {"weights": weights, "num_classes": outputs}
        made = reader.call(Ref(at, f"torchvision.models.{plain(name)}"), Call((), kwargs, at))
    else:
        kwargs = {"pretrained": weights, "num_classes": outputs}
        made = reader.call(Ref(at, "timm.create_model"), Call((name,), kwargs, at))
    _freeze(reader, made, backbone, kind)
    return made


def checkpoints(model: Table) -> Iterator[Value]:
    """The initial weights of a network's parts: `pretrained`, and init_cfg of type Pretrained."""
    backbone = model.pairs.get("backbone")
    for part in (model, backbone):
        if not isinstance(part, Table):
            continue
        if isinstance(old := part.pairs.get("pretrained"), Const) and isinstance(old.data, str):
            yield old
        given = part.pairs.get("init_cfg")
        for one in given.items if isinstance(given, Items) else (given,):
            if type_of(one) in ("Pretrained", "PretrainedInit") and (path := argument(one, "checkpoint")) is not None:
                yield path


def _weights(model: Table, backbone: Table, partial: bool) -> Value:
    """Whether a library's own weights are loaded; mmengine itself loads checkpoint files."""
    for path in checkpoints(model):
        if str(plain(path, "")).startswith(LOADED_BY):
            return Const(path.at, True)
    if (own := argument(backbone, "pretrained")) is not None and isinstance(plain(own), bool):
        return own
    if any(isinstance(path, Const) for path in checkpoints(model)):
        return Const(model.at, None)
    return (
        unknown(Reason.UNREAD, "they may stand in settings that were not read", model.at)
        if partial
        else Const(model.at, None)
    )


def _freeze(reader: Reader, made: Value, backbone: Table, kind: str) -> None:
    """Apply frozen_stages: the stem and that many stages of a ResNet; for other networks, which parts is unknown."""
    value = argument(backbone, "frozen_stages")
    stages = plain(value, 0 if value is not None else -1)
    if value is None or not isinstance(stages, int) or stages < 0:
        return
    parts = [part for part in networks.family(made) or () if part in ("conv1", "bn1") or
             part in [f"layer{number}" for number in range(1, stages + 1)]]  # fmt: skip
    if kind not in ("ResNet", "ResNeXt", "SEResNet") or not isinstance(made, Thing):
        parts = []
        reader.set_attribute(Thing(value.at, name="item"), "requires_grad", Const(value.at, False), value.at)
    for part in parts:
        assert isinstance(made, Thing)
        for _, parameter in list(networks.parameters(networks.child(made, part))):
            reader.set_attribute(parameter, "requires_grad", Const(value.at, False), value.at)


# ---------------------------------------------------------------------- losses


def criterion(reader: Reader, model: Table) -> Value:
    """The loss of an ImageClassifier's head."""
    head = model.pairs.get("head")
    given = argument(head, "loss")
    kind = type_of(given) or ("CrossEntropyLoss" if given is None and isinstance(head, Table) else "")
    at = place_of(given) if isinstance(given, Table) else model.at
    kwargs: dict[str, Value] = {}
    if kind == "CrossEntropyLoss":
        name = "BCEWithLogitsLoss" if plain(argument(given, "use_sigmoid"), False) is True else "CrossEntropyLoss"
        if (weight := argument(given, "class_weight")) is not None:
            kwargs["weight"] = weight
    elif kind == "LabelSmoothLoss":
        name = "BCEWithLogitsLoss" if plain(argument(given, "mode")) == "multi_label" else "CrossEntropyLoss"
        kwargs["label_smoothing"] = argument(given, "label_smooth_val") or Const(at, 0.1)
    else:
        return unknown(Reason.UNREAD, f"{kind}, the loss of its head, is not followed" if kind else NOT_READ, at)
    return reader.call(Ref(at, f"torch.nn.{name}"), Call((), kwargs, at))


def mixing(model: Table) -> list[Value]:
    """The steps that mix images of a batch: the augments in the model's train_cfg."""
    given = argument(argument(model, "train_cfg"), "augments")
    found: list[Value] = []
    for one in given.items if isinstance(given, Items) else (given,):
        kind = {"Mixup": "MixUp", "BatchMixup": "MixUp", "CutMix": "CutMix", "BatchCutMix": "CutMix"}.get(type_of(one))
        if kind is not None and one is not None:
            found.append(Thing(one.at, name=f"{TRANSFORMS}v2.{kind}"))
    return found


# ---------------------------------------------------------------------- datasets and their transforms

BARE = ("LoadImageFromFile", "PackInputs", "PackClsInputs", "ImageToTensor", "Collect", "ToNumpy", "Transpose")
# By type: the transform, the names of its size, the names of its probability.
STEPS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "Resize": ("Resize", ("scale", "size"), ()), "ResizeEdge": ("Resize", ("scale",), ()),
    "CenterCrop": ("CenterCrop", ("crop_size",), ()), "RandomCrop": ("RandomCrop", ("crop_size", "size"), ()),
    "RandomResizedCrop": ("RandomResizedCrop", ("scale", "size"), ()),
    "EfficientNetRandomCrop": ("RandomResizedCrop", ("scale", "size"), ()),
    "EfficientNetCenterCrop": ("CenterCrop", ("crop_size",), ()),
    "RandomFlip": ("RandomHorizontalFlip", (), ("prob", "flip_prob")),
    "RandomGrayscale": ("RandomGrayscale", (), ("prob", "gray_prob")),
    "RandomErasing": ("RandomErasing", (), ("erase_prob",)), "ColorJitter": ("ColorJitter", (), ()),
    "Lighting": ("Lighting", (), ()), "RandAugment": ("RandAugment", (), ()), "AutoAugment": ("AutoAugment", (), ()),
    "RandomRotate": ("RandomRotation", (), ()), "Rotate": ("RandomRotation", (), ("prob",)),
    "GaussianBlur": ("GaussianBlur", (), ("prob",)), "Cutout": ("Cutout", (), ("prob",)), "Pad": ("Pad", (), ()),
    "Solarize": ("RandomSolarize", (), ("prob",)), "Posterize": ("RandomPosterize", (), ("prob",)),
    "Equalize": ("RandomEqualize", (), ("prob",)), "Shear": ("RandomAffine", (), ("prob",)),
    "Translate": ("RandomAffine", (), ("prob",)), "PhotoMetricDistortion": ("ColorJitter", (), ()),
}  # fmt: skip


def transform(pipeline: Value | None, normalized: list[Value], at: Location) -> Value:
    """A pipeline of dicts as a Compose; `normalized`: the steps that follow it in the batch."""
    if not isinstance(pipeline, Items):
        return unknown(Reason.UNREAD, "its pipeline stands in settings that were not read", at)
    steps = [step for one in pipeline.items for step in _steps(one)]
    if not any(isinstance(step, Thing) and step.short == "PILToTensor" for step in steps):
        steps.append(Thing(pipeline.at, name=f"{TRANSFORMS}PILToTensor"))
    return Thing(pipeline.at, name=f"{TRANSFORMS}Compose",
                 args=(Items(pipeline.at, (*steps, *normalized), partial=pipeline.partial),))  # fmt: skip


def _steps(one: Value) -> list[Value]:
    kind = type_of(one)
    if kind in BARE or (kind == "ToTensor" and isinstance(one, Table)):
        return []
    if kind == "Normalize" and isinstance(one, Table):
        return [Thing(one.at, name=f"{TRANSFORMS}PILToTensor"), normalize(one)]
    if kind == "RandomApply":
        inner = argument(one, "transforms")
        parts = [step for part in (inner.items if isinstance(inner, Items) else ()) for step in _steps(part)]
        return [Thing(one.at, name=f"{TRANSFORMS}RandomApply", args=(Items(one.at, tuple(parts)),))]
    if kind == "Albu":
        inner = argument(one, "transforms")
        parts = list(inner.items) if isinstance(inner, Items) else []
        return [Thing(part.at, name=f"albumentations.{type_of(part)}") for part in parts if type_of(part)]
    if kind not in STEPS:
        return [unknown(Reason.UNREAD, f"{kind} is not followed" if kind else "its type was not read", one.at)]
    name, sizes, chances = STEPS[kind]
    if plain(argument(one, *chances)) in (0, 0.0) and chances:
        return []
    if name == "RandomHorizontalFlip" and plain(argument(one, "direction")) == "vertical":
        name = "RandomVerticalFlip"
    size = _side(argument(one, *sizes))
    return [Thing(one.at, name=f"{TRANSFORMS}{name}", args=(size,) if size is not None else ())]


def _side(size: Value | None) -> Value | None:
    """One size for both sides; the first of (256, -1), where the other side follows."""
    if isinstance(size, Items) and len(size.items) == 2 and plain(size.items[1]) in (-1, plain(size.items[0])):
        return size.items[0]
    return size


def normalize(part: Table) -> Value:
    """Normalisation by the mean and std of a part, in units of 0..255."""
    kwargs = {name: value for name in ("mean", "std") if (value := argument(part, name)) is not None}
    at = kwargs["mean"].at if "mean" in kwargs else part.at
    return Thing(at, name=f"{TRANSFORMS}Normalize", kwargs=kwargs)


def as_bgr(part: Value | None) -> Location | None:
    """Where a part leaves the images in BGR order, as mmcv reads them; None where it converts them."""
    if not isinstance(part, Table) or part.partial:
        return None
    value = argument(part, "to_rgb")
    if value is None:
        return part.at if "mean" in part.pairs else None
    return value.at if plain(value) is False else None


PUBLIC = ("CIFAR10", "CIFAR100", "MNIST", "FashionMNIST")
WRAPPERS = ("RepeatDataset", "ClassBalancedDataset", "ConcatDataset", "KFoldDataset")


def dataset(part: Value | None, normalized: list[Value], at: Location) -> Value:
    """The dataset from a dict, with its pipeline as its transform."""
    for _ in range(4):
        inner = argument(part, "dataset", "datasets") if type_of(part) in WRAPPERS else None
        part = inner.items[0] if isinstance(inner, Items) and inner.items else inner or part
    if not isinstance(part, Table):
        return unknown(Reason.UNREAD, "its dataset stands in settings that were not read", at)
    kind = type_of(part)
    by_folders = kind == "CustomDataset" and "ann_file" not in part.pairs and not part.partial
    name = f"torchvision.datasets.{kind if kind in PUBLIC else 'ImageFolder'}" if by_folders or kind in PUBLIC else (
        f"mmpretrain.datasets.{kind or 'CustomDataset'}")  # fmt: skip
    way = transform(argument(part, "pipeline"), normalized, part.at)
    return Thing(part.at, name=name, kwargs={"transform": way})
