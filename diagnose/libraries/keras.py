"""Keras and TensorFlow: calls that run a function of the program, and the classes of public datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diagnose.interpreter.overlay import Overlay
from diagnose.interpreter.reasons import Reason
from diagnose.interpreter.values import Call, Const, Function, Items, Thing, Value, plain, unknown
from diagnose.libraries import networks
from diagnose.model import Location

if TYPE_CHECKING:
    from diagnose.interpreter.reader import Reader

OVERLAY = Overlay(
    "keras",
    packages=("keras_cv", "keras_hub"),
    aliases={"tensorflow.losses": "keras.losses", "tensorflow.optimizers": "keras.optimizers"},
    understood=("tensorflow_datasets",),
)
# Numbers of classes of the image datasets in tensorflow_datasets.
CLASSES = {
    "beans": 3, "caltech101": 102, "caltech_birds2011": 200, "cars196": 196, "cats_vs_dogs": 2, "cifar10": 10,
    "cifar100": 100, "cassava": 5, "citrus_leaves": 4, "colorectal_histology": 8, "deep_weeds": 9, "dtd": 47,
    "emnist": 62, "eurosat": 10, "fashion_mnist": 10, "food101": 101, "horses_or_humans": 2, "imagenet2012": 1000,
    "imagenette": 10, "imagewang": 20, "kmnist": 10, "malaria": 2, "mnist": 10, "oxford_flowers102": 102,
    "oxford_iiit_pet": 37, "patch_camelyon": 2, "plant_village": 38, "rock_paper_scissors": 3, "stanford_dogs": 120,
    "stl10": 10, "sun397": 397, "svhn_cropped": 10, "tf_flowers": 5, "uc_merced": 21,
}  # fmt: skip


def _is_strategy(value: Value | None) -> bool:
    return isinstance(value, Thing) and value.name.startswith("tensorflow.distribute.")


@OVERLAY.handles("tensorflow.function", "tensorflow.autograph.experimental.do_not_convert", "jax.jit")
def _compiled(reader: Reader, base: Value | None, call: Call) -> Value | None:
    """A compiled function behaves like the original."""
    function = call.arg(0, "func")
    return function if isinstance(function, Function) else None


@OVERLAY.handles(".run", ".experimental_run_v2", of=_is_strategy)
def _run(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    """A step that a strategy runs on each device."""
    function, given = call.arg(0, "fn"), call.arg(1, "args")
    args = given.items if isinstance(given, Items) else (given,) if given is not None else ()
    return reader.call(function, Call(tuple(args), {}, call.at)) if isinstance(function, Function) else None


@OVERLAY.handles(".reduce", of=_is_strategy)
def _reduce(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    return call.arg(1, "value")


@OVERLAY.handles(".experimental_distribute_dataset", ".make_dataset_iterator", of=_is_strategy)
def _distributed(reader: Reader, owner: Value | None, call: Call) -> Value | None:
    return call.arg(0, "dataset")


@OVERLAY.answer("attribute")
def _attribute(reader: Reader, owner: Value, name: str, at: Location) -> Value | None:
    """The number and the names of the classes, from the description of a public dataset."""
    if name not in ("num_classes", "names") or not isinstance(owner, Thing):
        return None
    count = class_count(owner)
    if count is None:
        return None
    return (
        Const(at, count)
        if name == "num_classes"
        else Items(at, (unknown(Reason.PLACEHOLDER, "the name of a class", at),) * count, "list")
    )


@OVERLAY.answer("item")
def _item(reader: Reader, owner: Value, key: Any, at: Location) -> Value | None:
    """model.layers[0] of a Sequential, counted from the front since layers are appended; inputs do not count."""
    if not isinstance(owner, Thing) or owner.name != ".layers" or not isinstance(owner.base, Thing):
        return None
    if owner.base.package != "keras" or not isinstance(key, int):
        return None
    layers = [one for one in networks.listed(reader, owner.base) or [] if not _is_input(one)]
    return layers[key] if 0 <= key < len(layers) else None


def _is_input(value: Value) -> bool:
    return isinstance(value, Thing) and value.short in ("Input", "InputLayer")


def class_count(value: Value | None) -> int | None:
    """The number of classes of the tensorflow_datasets dataset that a value comes from; None where unknown."""
    while isinstance(value, Thing) and value.base is not None:
        value = value.base
    if not isinstance(value, Thing) or value.name not in ("tensorflow_datasets.load", "tensorflow_datasets.builder"):
        return None
    name = plain(value.arg(0, "name"))
    return CLASSES.get(name.partition(":")[0].partition("/")[0]) if isinstance(name, str) else None
