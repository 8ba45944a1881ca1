"""What an optimizer is: how its learning rates go with the batch, its defaults in each library, what it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

# Options of a training with any optimizer. head_rate, backbone_rate: the learning rates of the head and of all
# else. undecayed: what weight decay spares, of bias and norm. clip_norm, clip_value: limits of the gradients.
ANY_OPTIMIZER = ("clip_norm", "clip_value", "head_rate", "backbone_rate", "undecayed")
TIMM_MOMENTUM = 0.9
HIGHEST = 10.0  # of any learning rate that is tried


class Family(Enum):
    """How a learning rate goes with the batch size, and where it is beyond doubt too high or too low.

    power: of the batch size that the rate grows with: 1 for SGD (Goyal et al. 2017), one half for adaptive optimizers
    (Malladi et al. 2022), none where the step's length does not follow the gradient's noise. too_high: times the
    highest usual rate, so that large but working rates pass. too_low: a rate that no run of usual length learns at:
    a thousandth of SGD's usual 0.001 for fine-tuning and a five-hundredth of 1e-4, since AdamW at 1e-6 does occur.
    """

    SGD = ("sgd-like", 1.0, 30.0, 1e-6)
    ADAPTIVE = ("adaptive", 0.5, 100.0, 2e-7)
    LAYERWISE = ("layer-wise adaptive", 0.5, 100.0, 2e-7)
    RATE_FREE = ("rate-free", 0.0, 100.0, 2e-7)

    def __init__(self, label: str, power: float, too_high: float, too_low: float) -> None:
        self.label, self.power, self.too_high, self.too_low = label, power, too_high, too_low


@dataclass(frozen=True)
class Defaults:
    """What a library takes where the program says nothing; None where it demands a value or has no such argument.

    own: further arguments, by torch's names, in which the library differs from torch.
    """

    rate: float | None = None
    decay: float = 0.0
    momentum: float | None = None
    own: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Optimizer:
    """One optimizer.

    spellings: classes and words that mean it in torch, timm, Keras, transformers, apex and bitsandbytes, apart by
    spaces.
    band: the lowest and the highest usual learning rate from scratch at batch 256; fine: the highest for pretrained
    layers. source: where these come from. start: a learning rate to begin with where none is known to be better.
    states: tensors of a parameter's size that it keeps. momentum: whether it takes one as a number of its own.
    own: arguments beside learning rate, momentum and weight decay, by torch's names.
    torch: its class in torch.optim, "" where the probes build it themselves or not at all.
    unsupported: why the probes cannot train with it, "" where they can.
    """

    name: str
    display: str
    spellings: str
    family: Family
    band: tuple[float, float]
    fine: float
    source: str
    start: float
    states: int
    defaults: Defaults
    keras: Defaults | None = None
    timm: tuple[tuple[str, float], ...] = ()  # further arguments that create_optimizer_v2 gives it
    momentum: bool = False
    decay: bool = True
    own: tuple[str, ...] = ()
    torch: str = ""
    unsupported: str = ""
    wraps: bool = False  # another optimizer, given as its first argument

    @property
    def names(self) -> tuple[str, ...]:
        """The classes and words of `spellings`, one by one."""
        return tuple(self.spellings.split())

    @property
    def options(self) -> frozenset[str]:
        """The names that `optimizer_options` may hold for it: all but learning rate, momentum and weight decay."""
        return frozenset((*ANY_OPTIMIZER, *self.own))

    def of(self, library: str) -> Defaults:
        """Its defaults in "torch", "keras" or "timm"; torch's where the library has none of its own.

        timm's create_optimizer_v2 gives every optimizer a weight decay of 0, and 0.9 to those that take a momentum.
        """
        if library == "timm":
            return Defaults(self.defaults.rate, 0.0, TIMM_MOMENTUM if self.momentum else None, self.timm)
        return (self.keras if library == "keras" else None) or self.defaults

    @property
    def highest(self) -> float:
        """The highest learning rate worth trying: SGD's useful rates reach higher than those of the others."""
        return min(HIGHEST, self.band[1] * (100 if self.family is Family.SGD else 1000))
