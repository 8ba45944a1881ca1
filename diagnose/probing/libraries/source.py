"""What the probes ask of a library that builds networks by name, whichever it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor, nn

from diagnose.model import IMAGENET_MEAN, IMAGENET_STD

ANY_WEIGHTS = ("auto", "imagenet", "default")  # options that leave it to the library which weights are meant


@dataclass(frozen=True)
class Published:
    """Pretrained weights that a library offers: where they are, and the mean and deviation (of 0..1) that they want.

    url: of a file, "" where there is none. hub: a repository of the Hugging Face hub, with an @revision where one is
    meant; files: the names that the weights may have in it, the best first.
    """

    name: str
    url: str = ""
    hub: str = ""
    files: tuple[str, ...] = ()
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD


class Source(Protocol):
    """A library that builds networks by name."""

    library: str

    def knows(self, arch: str) -> bool:
        """Whether it builds a classifier of this name."""
        ...

    def names(self) -> list[str]:
        """Every name that it knows."""
        ...

    def model(self, arch: str, outputs: int, side: int | None) -> nn.Module:
        """A network with random weights for (N, 3, side, side), or for the library's own size without a side. It
        returns logits (N, outputs) alone, in training mode too."""
        ...

    def native(self, arch: str) -> int:
        """The side in px that its weights are made for."""
        ...

    def published(self, arch: str, option: str) -> list[Published]:
        """The weights that `option` means: of ANY_WEIGHTS the library's choice first, then all others; else the one
        that it names. Empty where the library offers none; raises InputError for a name that isn't among them."""
        ...

    def fitted(self, arch: str, model: nn.Module, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """The state dict in the model's own names, position embeddings resampled to the model's image size."""
        ...
