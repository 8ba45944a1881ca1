"""What was measured of a person's own network, beside torchvision's ResNet50 with the same number of classes."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.model.basics import Confidence, Location
from diagnose.model.intervals import Paired

RESNET50_PARAMETERS = 25_557_032  # of torchvision's, with 1,000 classes


@dataclass(frozen=True)
class Stage:
    """All layers that work at one resolution. stride: input size over theirs; channels: of the last of them."""

    stride: int
    convolutions: int
    channels: int
    parameters: int


@dataclass(frozen=True)
class Layer:
    """A layer with weights, in the order of the forward pass, at initialisation.

    activation: standard deviation of its outputs; gradient: root mean square of its weights' gradient; spread: standard
    deviation of its weights over that of He's initialisation by fan-out.
    """

    name: str
    activation: float
    gradient: float
    spread: float


@dataclass(frozen=True)
class Measured:
    """One network as measured; losses are cross-entropies in nats.

    joins: additions or concatenations of two paths. norms: batch-norm layers as (momentum, eps). dead: the greatest
    share of units of one ReLU that are zero for the whole batch. overfit: the loss over training steps on one batch;
    overfit_accuracy: of that batch afterwards. input_matters: whether the outputs change with the images at all.
    """

    parameters: int
    stages: tuple[Stage, ...]
    layers: tuple[Layer, ...]
    joins: int
    norms: tuple[tuple[float, float], ...]
    other_norms: int
    dead: float
    dead_layer: str
    initial_loss: float
    frozen: tuple[str, ...]
    frozen_parameters: int
    outputs: str  # raw, probabilities, log_probabilities
    output_count: int
    input_matters: bool
    overfit: tuple[float, ...] = ()
    overfit_accuracy: float | None = None
    blank_accuracy: float | None = None  # the same batch, when trained on blank images
    unused_norms: tuple[str, ...] = ()  # batch norms that are made, and on which the outputs don't depend
    repeated_activations: tuple[str, ...] = ()  # such as "sigmoid after relu", one for each place

    @property
    def convolutions(self) -> int:
        """Convolutional layers of all stages."""
        return sum(stage.convolutions for stage in self.stages)


@dataclass(frozen=True)
class ArmResult:
    """One network trained from random weights for the same steps as the others. accuracy: 0..1 on the held-out images,
    the mean over its seeds."""

    arch: str
    parameters: int
    accuracy: float
    seeds: int


@dataclass(frozen=True)
class RepairResult:
    """A person's network with one thing changed, trained beside it.

    name: the change as part of a sentence; fix: what to do; fault: whether what it changes is a mistake by itself, and
    not only a choice; gain: in accuracy over the network as it is; confidence: corrected for the number of repairs.
    """

    name: str
    fix: str
    fault: bool
    accuracy: float
    gain: Paired
    confidence: Confidence

    @property
    def helps(self) -> bool:
        """Whether a gain is shown or indicated."""
        return self.confidence is not Confidence.NOT_DECIDED and self.gain.difference > 0


@dataclass(frozen=True)
class OwnArms:
    """A person's network trained beside references and repairs of itself: same images, order, augmentation and recipe.

    resnet50, same_size: torchvision's, the latter with the nearest number of parameters; each None where it didn't run
    twice, or where ResNet50 is both. behind_*: their accuracy (0..1) minus that of the network. repairs: the one that
    explains most first. recipe: whose it is. notes: what was left out, and why.
    """

    own: ArmResult
    resnet50: ArmResult | None
    same_size: ArmResult | None
    behind_resnet50: Paired | None
    behind_same_size: Paired | None
    repairs: tuple[RepairResult, ...]
    steps: int
    image_size: int
    recipe: str
    notes: tuple[str, ...] = ()

    @property
    def beside(self) -> tuple[ArmResult, Paired] | None:
        """The reference of the nearest size that ran, and how far the network is behind it."""
        for arm, behind in ((self.same_size, self.behind_same_size), (self.resnet50, self.behind_resnet50)):
            if arm is not None and behind is not None:
                return arm, behind
        return None

    @property
    def helping(self) -> tuple[RepairResult, ...]:
        """The repairs whose gain is shown or indicated, in their order."""
        return tuple(repair for repair in self.repairs if repair.helps)


@dataclass(frozen=True)
class OwnNetwork:
    """A person's own network. crash: how it failed, where it did; then nothing is measured. arms: its trainings."""

    source: str
    classes: int
    image_size: int
    own: Measured | None = None
    reference: Measured | None = None
    location: Location | None = None
    crash: str = ""
    arms: OwnArms | None = None
