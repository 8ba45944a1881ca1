"""What the probe child process is asked to do, and the one line a message takes on the pipe."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from pydantic import TypeAdapter

from diagnose import events
from diagnose.model import UNIT_STEP, Config, NotExamined

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Recipe:
    """How one arm trains. The defaults are the reference recipe that scratch and pretrained share: AdamW
    at 1e-3 with warm-up and cosine decay, which serves both in a few dozen steps."""

    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    momentum: float = 0.9
    weight_decay: float = 0.01
    schedule: str = "cosine"
    scaling: tuple[str, ...] = (UNIT_STEP,)
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD
    augmentations: tuple[str, ...] = ("random_horizontal_flip",)
    frozen: tuple[str, ...] = ()
    outputs: int | None = None
    batch_size: int | None = None  # the batch size that learning_rate belongs to; None: the probe's own


@dataclass(frozen=True)
class Variant:
    """The configured arm with something of another configuration. factor: what of it, or "all of it"."""

    factor: str
    recipe: Recipe
    weights: str = "none"


@dataclass(frozen=True)
class Job:
    """One set of probes over one sample of images.

    train, val: (absolute path, class index). seconds: time left of the budget. configured: the user's own
    recipe, None where there is no configuration. variants: what it is compared with in place of the reference arms.
    """

    classes: tuple[str, ...]
    train: tuple[tuple[str, int], ...]
    val: tuple[tuple[str, int], ...]
    seconds: float
    arch: str = "resnet50"
    weights: str = "auto"
    offline: bool = False
    device: str = "auto"
    seed: int = 0
    configured: Recipe | None = None
    configured_arch: str = "resnet50"
    configured_weights: str = "none"
    notes: tuple[str, ...] = field(default=())
    variants: tuple[Variant, ...] = field(default=())


@dataclass(frozen=True)
class Ready:
    """The child has imported torch and found the device."""

    device: str


@dataclass(frozen=True)
class Failed:
    """The probes, or a part of them, could not run. `usage`: the person asked for something that cannot be."""

    why: str
    part: str = "probes"
    usage: bool = False


MESSAGES = {
    cls.__name__: TypeAdapter(cls)
    for cls in (
        Ready,
        Failed,
        events.Note,
        events.ProbesPlanned,
        events.ProbeStarted,
        events.ProbeStep,
        events.ProbesMeasured,
    )
}
JOB = TypeAdapter(Job)


def encode(message: Any) -> str:
    return json.dumps({"type": type(message).__name__, "data": asdict(message)})


def decode(line: str) -> Any:
    """The message on `line`; raises ValueError for anything else, such as a stray print."""
    parcel = json.loads(line)
    if not isinstance(parcel, dict) or parcel.get("type") not in MESSAGES:
        raise ValueError(f"not a probe message: {line[:80]!r}")
    return MESSAGES[parcel["type"]].validate_python(parcel["data"])


def configured_recipe(config: Config) -> tuple[Recipe, tuple[str, ...]]:
    """The user's own recipe, and remarks on what it leaves open. Fields that are unknown keep the
    reference recipe's value, and a remark names them."""
    reference = Recipe()
    values: dict[str, Any] = {}
    unknown = []
    for name in Recipe.__dataclass_fields__:
        source = {"augmentations": "train_augmentations", "outputs": "head"}.get(name, name)
        try:
            values[name] = getattr(config, source).get()
        except NotExamined:
            if name not in ("outputs", "frozen", "batch_size"):
                unknown.append(source)
    if "optimizer" in values and "learning_rate" not in values:
        values["learning_rate"] = 0.01 if values["optimizer"] == "sgd" else reference.learning_rate
    for name in ("mean", "std"):
        if values.get(name) == ():
            values[name] = (0.0, 0.0, 0.0) if name == "mean" else (1.0, 1.0, 1.0)
    notes = (f"not in the config, so the probe's own was used: {', '.join(unknown)}",) if unknown else ()
    return Recipe(**values), notes
