"""What stands out in a training program, one class for each kind: what was read, and where. Checks judge it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from diagnose.model.basics import Location


@dataclass(frozen=True)
class Fact:
    """Something in the program, and where it stands."""

    location: Location


@dataclass(frozen=True)
class BgrImages(Fact):
    """Images that come as blue, green, red and are not turned. reader: the function."""

    reader: str


@dataclass(frozen=True)
class BoolOption(Fact):
    """An option of type=bool: whatever is given counts as true."""

    option: str
    default: Any


@dataclass(frozen=True)
class ClassFolders(Fact):
    """A loader that takes folders for classes. hidden: whether it counts hidden ones; raises: whether a class without
    images stops it; root: the folder that it is given, empty where that is not known."""

    loader: str
    hidden: bool
    raises: bool = False
    root: str = field(default="", repr=False)


@dataclass(frozen=True)
class Deprecated(Fact):
    """An argument or function that a library gave up. removed: whether current versions lack it."""

    what: str
    instead: str
    removed: bool


@dataclass(frozen=True)
class GraphKept(Fact):
    """A loss that is kept with its graph. into: the name of what keeps it; how: add or append."""

    into: str
    how: str


@dataclass(frozen=True)
class HeadFrozen(Fact):
    """A new head that does not train. everything: whether nothing else does either."""

    everything: bool


@dataclass(frozen=True)
class KerasLoss(Fact):
    """What the loss of one training of Keras gets; None where that is unknown. labels: one_hot or int."""

    from_logits: bool | None
    labels: str | None
    loss: str | None = None
    output_activation: str | None = None
    head: int | None = None


@dataclass(frozen=True)
class LoadCommentedOut(Fact):
    """A line that would load weights, as a comment."""


@dataclass(frozen=True)
class LooseLoad(Fact):
    """load_state_dict(strict=False). looked_at: whether the program looks at what did not fit; wrapped: whether the
    names cannot fit, since the network is wrapped and the state is a library network's own."""

    looked_at: bool
    wrapped: bool


@dataclass(frozen=True)
class NotOnDevice(Fact):
    """A network or batches that stay on the CPU."""

    network: bool
    inputs: bool


@dataclass(frozen=True)
class NotValidated(Fact):
    """A training that is never measured on held-out images."""


@dataclass(frozen=True)
class OptimizerMisses(Fact):
    """Parameters that should train and are not the optimizer's.

    parameters: how many; examples: some of their names; head: whether a new head is among them; foreign: whether the
    optimizer holds none of the network; all: how many there are.
    """

    parameters: int
    examples: tuple[str, ...]
    head: bool
    foreign: bool
    all: int


@dataclass(frozen=True)
class ParameterGroups(Fact):
    """The groups of the optimizer. rates_differ: whether they have different learning rates."""

    groups: int
    rates_differ: bool


@dataclass(frozen=True)
class RandomValidation(Fact):
    """Held-out images that are augmented at random. shared: by the training's own transform or dataset."""

    names: tuple[str, ...]
    shared: bool


@dataclass(frozen=True)
class Regularisers(Fact):
    """Dropout, smoothing, mixing and the like of one training, with what its configuration says; None: unknown."""

    names: tuple[str, ...]
    weights: str | None = None
    weight_decay: float | None = None
    train_augmentations: tuple[str, ...] | None = None


@dataclass(frozen=True)
class ReplacedConstant(Fact):
    """A constant that a later line replaces before anything reads it. line: of the later one."""

    name: str
    before: Any
    after: Any
    line: int | None


@dataclass(frozen=True)
class TrainModeNotRestored(Fact):
    """eval() in a loop over epochs that trains on in evaluation mode."""


@dataclass(frozen=True)
class UnreadOption(Fact):
    """An option for weights that nothing reads."""

    option: str
