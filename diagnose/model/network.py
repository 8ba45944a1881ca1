"""What was measured of a person's own network, beside torchvision's ResNet50 with the same number of classes."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.model.basics import Location

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

    @property
    def convolutions(self) -> int:
        """Convolutional layers of all stages."""
        return sum(stage.convolutions for stage in self.stages)


@dataclass(frozen=True)
class OwnNetwork:
    """A person's own network. crash: how it failed, where it did; then nothing is measured."""

    source: str
    classes: int
    image_size: int
    own: Measured | None = None
    reference: Measured | None = None
    location: Location | None = None
    crash: str = ""
