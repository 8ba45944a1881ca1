"""What the probe child process is asked to do, and the one line a message takes on the pipe."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

from pydantic import ConfigDict, TypeAdapter

from diagnose import events
from diagnose.probing.recipe import Recipe

GIVE_WAY = "--give-way"  # the child's option to leave the processor to others first


@dataclass(frozen=True)
class Goal:
    """What the configuration is compared with in place of the best known recipe. factors: those that differ, by the
    names of FACTORS. arch: torchvision's name of its network, where it has one."""

    recipe: Recipe
    weights: str = "none"
    factors: tuple[str, ...] = ()
    arch: str | None = None


@dataclass(frozen=True)
class FullRun:
    """The configured run as far as it is known, for the forecast. price: of an hour. gpu_memory: GiB of the card
    that it is for."""

    epochs: int
    batch_size: int
    input_size: int
    train_images: int
    val_images: int
    price: float | None = None
    gpu_memory: float | None = None

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps of an epoch; the last batch may be a smaller one."""
        return -(-self.train_images // self.batch_size)

    @property
    def steps(self) -> int:
        """Optimizer steps of the whole run."""
        return self.epochs * self.steps_per_epoch


@dataclass(frozen=True)
class Tune:
    """A search for a better recipe, in place of the questions.

    framework: "pytorch", "keras", or "" of a configuration file: what it cannot express isn't tried. fixed: fields of
    the recipe that stay as they are, each with why.
    """

    framework: str = ""
    fixed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class NetworkSource:
    """A person's own network to train. source: "package.module:factory"; folders: where its modules are looked for,
    before the installed ones; image_side: px that they train at, as far as it is known; input_size: px of images that
    it was seen to take."""

    source: str
    folders: tuple[str, ...]
    image_side: int
    input_size: int


@dataclass(frozen=True)
class Job:
    """One set of probes over one sample of images.

    train, val: (absolute path, class index); the trainings take a part of them, the frozen features all. split: whether
    the held-out ones are a split of their own. seconds: time left of the budget. configured: the person's own recipe,
    None without a configuration. arch: what is trained where configured_arch is unavailable. goal: what the
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
    full_run: FullRun | None = None
    target: float | None = None
    cache: str | None = None
    ray: str | None = None  # the address of a cluster that runs the main arms
    tune: Tune | None = None
    network: NetworkSource | None = None  # it alone is asked about, beside references and repairs of it


@dataclass(frozen=True)
class Ready:
    """The child has imported torch and found the device."""

    device: str


@dataclass(frozen=True)
class Failed:
    """The probes, or a part of them, could not run. usage: the person asked for something that cannot be. late: they
    were ended, past the deadline."""

    why: str
    part: str = "probes"
    usage: bool = False
    late: bool = False


MESSAGES: dict[str, Any] = {
    cls.__name__: cls
    for cls in (
        Ready,
        Failed,
        events.Note,
        events.ProbesPlanned,
        events.ProbeStarted,
        events.ProbeStep,
        events.Working,
        events.ProbesMeasured,
        events.Tuned,
        events.NetworkMeasured,
    )
}
JOB = TypeAdapter(Job)
adapter = cache(TypeAdapter)  # made when it is needed: that of all messages takes as long as all imports here


def encode(message: Any) -> str:
    """The message as one line of JSON, without the line's end; `decode` reads it."""
    return json.dumps({"type": type(message).__name__, "data": asdict(message)})


def decode(line: str) -> Any:
    """The message on `line`; raises ValueError for anything else, such as a stray print."""
    parcel = json.loads(line)
    if not isinstance(parcel, dict) or parcel.get("type") not in MESSAGES:
        raise ValueError(f"not a probe message: {line[:80]!r}")
    return adapter(MESSAGES[parcel["type"]]).validate_python(parcel["data"])
