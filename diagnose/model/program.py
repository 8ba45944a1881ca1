"""What a training program does, as far as it was read: the acts of its loops and what stood out in its lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from diagnose.model.basics import Location


@dataclass(frozen=True)
class Act:
    """One thing that a training program does, in its order.

    what: forward, backward, step, zero_grad, schedule, train_mode or eval_mode. phase: train or validation where it
    stands in such a loop, setup before, between and after them. level: batch, epoch or program, by the loop.
    subject tells several optimizers or schedulers apart. when: the run-time conditions that it hangs on.
    """

    what: str
    location: Location
    phase: str = "train"
    level: str = "batch"
    subject: int = 0
    when: frozenset[tuple[int, bool]] = frozenset()
    no_grad: bool = False
    mode: str = ""  # of a forward act: the mode that the network was last put in, "train" or "eval"
    order: int = 0


@dataclass(frozen=True)
class Crop:
    """What a step cuts out, in pixels: a square of `size` from images whose shorter side is `side`, with `padding` put
    on each of their edges before. side: None where images come as they are stored."""

    size: int
    side: int | None
    padding: int = 0


@dataclass(frozen=True)
class Step:
    """One step of the images' way into the network. kind: random, geometry, tensor, scale, normalize, erase, other.

    crop: of a step that cuts, where all that it cuts from is known."""

    name: str
    kind: str
    location: Location
    crop: Crop | None = None


@dataclass(frozen=True)
class Scheduler:
    """A learning-rate schedule and where it is stepped: batch, epoch, before (the epoch's batches) or never."""

    name: str
    location: Location
    stepped: str
    step_location: Location | None = None
    period: int | None = None  # epochs or steps until its (first) decay: step_size, T_max, total_steps, patience
    milestones: tuple[int, ...] = ()
    counts_batches: bool = False  # its length is written in batches
    given_metric: bool = True


@dataclass(frozen=True)
class Observation:
    """Something in the program that a check judges: `kind` names it, `detail` holds what was read."""

    kind: str
    location: Location
    detail: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Program:
    """A training program as read. None means that it could not be told.

    managed_by: the library whose loop trains, such as Keras or Lightning; None where the program has its own.
    """

    framework: str
    managed_by: str | None = None
    acts: tuple[Act, ...] = ()
    train_steps: tuple[Step, ...] | None = None
    val_steps: tuple[Step, ...] | None = None
    validates: bool | None = None
    seeded: bool | None = None
    batch_norm_or_dropout: bool | None = None
    batch_norm: bool | None = None
    own_model: bool = False  # a network of the program's own classes, not a library's
    schedulers: tuple[Scheduler, ...] = ()
    observations: tuple[Observation, ...] = ()
    notes: tuple[str, ...] = ()
    weights_want: str | None = None  # the form of input that the pretrained weights expect: caffe, tf, torch, built in
    fed: str | None = None  # the form that the program feeds: caffe, tf, torch, unit (0..1), raw (0..255)
    training: Location | None = None  # where it trains: the loop over batches, or the call of fit

    def observed(self, kind: str) -> tuple[Observation, ...]:
        return tuple(item for item in self.observations if item.kind == kind)

    def in_training(self, what: str, level: str = "batch") -> tuple[Act, ...]:
        return tuple(act for act in self.acts if act.what == what and act.phase == "train" and act.level == level)
