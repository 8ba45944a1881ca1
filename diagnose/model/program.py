"""What a training program does, as far as it was read: the acts of its loops and what stood out in its lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from diagnose.model.basics import Location, NotExamined
from diagnose.model.facts import Fact

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True)
class Act:
    """One thing that a training program does, in its order.

    what: forward, backward, step, zero_grad or schedule. phase: train or validation where it stands in such a loop,
    setup before, between and after them. level: batch, epoch or program, by the loop. subject distinguishes several
    optimizers or schedulers. when: the run-time conditions that it hangs on. training: the number of the training that
    it belongs to, from 0, where a program trains several times.
    """

    what: str
    location: Location
    phase: str = "train"
    level: str = "batch"
    subject: int = 0
    when: frozenset[tuple[int, bool]] = frozenset()
    no_grad: bool = False
    mode: str = ""  # of a forward act: the mode that its network is in, "train" or "eval"; empty where unknown
    order: int = 0
    training: int = 0


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

    crop: of a step that cuts, where all that it cuts from is known. side: of the images after it, in px, where it sets
    their size.
    """

    name: str
    kind: str
    location: Location
    crop: Crop | None = None
    side: int | None = None


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
    factor: float | None = None  # by which each decay multiplies the rate
    counts_epochs: bool = False  # it takes the number of the epoch, and is given that of the batch


@dataclass(frozen=True)
class OwnClass:
    """A network's class (or the function that makes one) in the program. module: that holds it, as it is imported;
    runs_at_import: what importing that would run, "" where it only defines. needs: arguments that it has to be given,
    besides the number of classes."""

    name: str
    module: str
    location: Location
    runs_at_import: str = ""
    needs: tuple[str, ...] = ()


# What may stand in a call that was not followed, in the words of a sentence.
HIDDEN = {
    "validation": "a validation",
    "mode": "train() or eval()",
    "zero_grad": "zero_grad()",
    "device": "a transfer to the device",
    "regularisation": "regularisation",
    "seed": "a seed",
    "schedule": "a step of the schedule",
}


@dataclass(frozen=True)
class Unfollowed:
    """A call, branch or loop that the reading did not follow: what, where, and what it may hold (keys of HIDDEN)."""

    what: str
    location: Location
    hides: frozenset[str]


@dataclass(frozen=True)
class Program:
    """A training program as read. None means unknown.

    managed_by: the library whose loop trains, such as Keras or Lightning; None where the program has its own.
    unfollowed: what the reading lost; an absence is claimed only where `require_complete` lets it pass.
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
    network_from: str | None = None  # the package that builds a library's network, such as torchvision or timm
    own_class: OwnClass | None = None  # of that network, where it can be named
    schedulers: tuple[Scheduler, ...] = ()
    seen: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()
    unfollowed: tuple[Unfollowed, ...] = ()
    weights_want: str | None = None  # the form of input that the pretrained weights expect: caffe, tf, torch, built in
    fed: str | None = None  # the form that the program feeds: caffe, tf, torch, unit (0..1), raw (0..255)
    class_by_class: bool | None = None  # whether the training images lie in the order of their classes
    training: Location | None = None  # where it trains: the loop over batches, or the call of fit

    def facts(self, kind: type[F]) -> tuple[F, ...]:
        """The facts of one kind, in the order in which they were found."""
        return tuple(one for one in self.seen if isinstance(one, kind))

    def require_complete(self, topic: str) -> None:
        """Raises NotExamined where something of `topic` (a key of HIDDEN) may stand in what was not followed."""
        for lost in self.unfollowed:
            if topic in lost.hides:
                line = f" at line {lost.location.line}" if lost.location.line else ""
                raise NotExamined(f"{lost.what}{line} was not followed, and may hold {HIDDEN[topic]}")

    def trainings(self) -> tuple[tuple[Act, ...], ...]:
        """The acts of each training, in order; one without acts where there are none."""
        numbers = sorted({act.training for act in self.acts}) or [0]
        return tuple(tuple(act for act in self.acts if act.training == number) for number in numbers)
