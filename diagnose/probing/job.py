"""What the probe child process is asked to do, and the one line a message takes on the pipe."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

from pydantic import ConfigDict, TypeAdapter

from diagnose import events
from diagnose.model import IMAGENET_MEAN, IMAGENET_STD, UNIT_STEP, Config, NotExamined

GIVE_WAY = "--give-way"  # the child's option to leave the processor to others first

# Fields that nobody misses in a configuration.
SILENT = ("outputs", "frozen", "batch_size", "shuffle", "output_activation", "input_size")


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
    shuffle: bool = True
    output_activation: str = "none"  # what the outputs go through before the cross-entropy in training
    input_size: int | None = None  # the probe's own size where it is larger
    steps: int | None = None  # of the whole configured run, where they are fewer than the probe's


# The fields that each factor of a gap is made of, those that usually matter most first.
FACTORS: dict[str, tuple[str, ...]] = {
    "weights": ("weights",),
    "architecture": ("arch",),
    "loss": ("output_activation",),
    "frozen layers": ("frozen",),
    "preprocessing": ("scaling", "mean", "std"),
    "learning rate": ("learning_rate", "batch_size"),
    "optimizer": ("optimizer", "momentum"),
    "epochs": ("steps",),
    "augmentation": ("augmentations",),
    "input size": ("input_size",),
    "schedule": ("schedule",),
    "shuffling": ("shuffle",),
    "weight decay": ("weight_decay",),
}


@dataclass(frozen=True)
class Goal:
    """What the configuration is compared with in place of the best known recipe. factors: those that differ, by the
    names of FACTORS. arch: torchvision's name of its network, where it has one."""

    recipe: Recipe
    weights: str = "none"
    factors: tuple[str, ...] = ()
    arch: str | None = None


@dataclass(frozen=True)
class LongRun:
    """The configured run as far as it is known, for the forecast. price: of an hour."""

    epochs: int
    batch_size: int
    input_size: int
    train_images: int
    val_images: int
    price: float | None = None

    @property
    def steps(self) -> int:
        """Optimizer steps of the whole run; the last batch of an epoch may be a smaller one."""
        return self.epochs * -(-self.train_images // self.batch_size)


@dataclass(frozen=True)
class Job:
    """One set of probes over one sample of images.

    train, val: (absolute path, class index); the trainings take a part of them, the frozen features all. split: whether
    the held-out ones are a split of their own. seconds: time left of the budget. configured: the person's own recipe,
    None without a configuration. arch: what is trained where configured_arch is not to be had. goal: what the
    configuration is compared with in place of the reference arms. target: the accuracy that is wanted. cache: the
    folder of earlier results.
    """

    __pydantic_config__ = ConfigDict(defer_build=True)

    classes: tuple[str, ...]
    train: tuple[tuple[str, int], ...]
    val: tuple[tuple[str, int], ...]
    seconds: float
    root: str = ""
    fingerprint: str = ""  # of the images and their labels
    split: bool = True
    arch: str = "resnet50"
    weights: str = "auto"
    offline: bool = False
    device: str = "auto"
    seed: int = 0
    configured: Recipe | None = None
    configured_arch: str = "resnet50"
    configured_weights: str = "none"
    notes: tuple[str, ...] = field(default=())
    goal: Goal | None = None
    long_run: LongRun | None = None
    target: float | None = None
    cache: str | None = None
    ray: str | None = None  # the address of a cluster that runs the main arms


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


MESSAGES: dict[str, Any] = {
    cls.__name__: cls
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
adapter = cache(TypeAdapter)  # made when it is needed: that of all messages takes as long as all imports here


def encode(message: Any) -> str:
    return json.dumps({"type": type(message).__name__, "data": asdict(message)})


def decode(line: str) -> Any:
    """The message on `line`; raises ValueError for anything else, such as a stray print."""
    parcel = json.loads(line)
    if not isinstance(parcel, dict) or parcel.get("type") not in MESSAGES:
        raise ValueError(f"not a probe message: {line[:80]!r}")
    return adapter(MESSAGES[parcel["type"]]).validate_python(parcel["data"])


def configured_recipe(config: Config) -> tuple[Recipe, tuple[str, ...]]:
    """The user's own recipe, and remarks on what it leaves open. Fields that are unknown keep the
    reference recipe's value, and a remark names them."""
    reference = Recipe()
    values: dict[str, Any] = {}
    unknown = []
    for name in Recipe.__dataclass_fields__:
        source = {"augmentations": "train_augmentations", "outputs": "head"}.get(name, name)
        if name == "steps":
            continue
        try:
            values[name] = getattr(config, source).get()
        except NotExamined:
            if name not in SILENT:
                unknown.append(source)
    if "optimizer" in values and "learning_rate" not in values:
        values["learning_rate"] = 0.01 if values["optimizer"] == "sgd" else reference.learning_rate
    for name in ("mean", "std"):
        if values.get(name) == ():
            values[name] = (0.0, 0.0, 0.0) if name == "mean" else (1.0, 1.0, 1.0)
    notes = (f"not in the config, so the probe's own was used: {', '.join(unknown)}",) if unknown else ()
    return Recipe(**values), notes
