"""The networks of the arms: the person's own, repairs of it, and torchvision's ResNet50 and one of the own size."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from diagnose.network.build import build as build_own
from diagnose.network.measure import first, kind_of
from diagnose.network.repairs.activations import raw_outputs
from diagnose.network.repairs.table import Repair, applying, repaired, seen_at
from diagnose.probing.weights import build

OWN, RESNET50 = "your network", "resnet50"
# torchvision's ResNets and networks for small devices: parameters without the head, and inputs of the head.
SIZES = {
    "shufflenet_v2_x0_5": (341_792, 1024), "mobilenet_v3_small": (1_517_856, 1024),
    "mobilenet_v3_large": (4_201_744, 1280), "resnet18": (11_176_512, 512), "resnet34": (21_284_672, 512),
    "resnet50": (23_508_032, 2048), "resnet101": (42_500_160, 2048), "resnet152": (58_143_808, 2048),
}  # fmt: skip
SMALLEST_PROBABILITY = 1e-12  # before a logarithm


class Outputs(nn.Module):
    """A network whose outputs are one tensor of logits, (N, 3, H, W) to (N, C); of probabilities their logarithm, which
    cross-entropy takes for what it is."""

    def __init__(self, network: nn.Module, kind: str = "raw") -> None:
        super().__init__()
        self.network, self.kind = network, kind

    def forward(self, images: Tensor) -> Tensor:
        """Logits (N, C)."""
        outputs = first(self.network(images))
        return outputs.clamp_min(SMALLEST_PROBABILITY).log() if self.kind == "probabilities" else outputs


class Networks:
    """Makes the networks, each of a seed that draws its weights. Raises what the person's code raises.

    side: px of the images here; input_size: px that the network is known to take, where it does not take `side`;
    image_side: px that the person trains at. as_they_are: whether outputs go into cross-entropy even where they are
    probabilities, as the person's configuration has it.
    """

    def __init__(
        self, source: str, classes: int, side: int, input_size: int, image_side: int, as_they_are: bool
    ) -> None:
        self._source, self._classes = source, classes
        model = self._bare(0)
        self.side, outputs = _first_taken(model, (side, input_size))
        if outputs.ndim != 2 or outputs.shape[1] < classes:
            raise ValueError(f"it gives outputs of shape {tuple(outputs.shape)} for {classes} classes")
        kind = kind_of(outputs.float())
        self._kind = "raw" if as_they_are else kind
        self._seen = seen_at(model, self.side, image_side)
        self.repairs: list[tuple[Repair, bool]] = [
            (repair, fault)
            for repair, fault in applying(model, self._seen, self.side)
            if not (repair.apply is raw_outputs and self._kind == "probabilities")  # its loss takes them as they are
        ]
        self.parameters = sum(p.numel() for p in model.parameters())
        self.same_size = nearest(self.parameters, classes)

    def builders(self) -> dict[str, Callable[[int], nn.Module]]:
        """By name the own network and its repairs."""
        return {OWN: self.own, **{repair.name: partial(self.repair, repair) for repair, _ in self.repairs}}

    def own(self, seed: int) -> nn.Module:
        """The person's network."""
        return Outputs(self._bare(seed), self._kind)

    def repair(self, repair: Repair, seed: int) -> nn.Module:
        """The person's network with a repair, from the same weights but for those that it draws."""
        model = self._bare(seed)
        torch.manual_seed(seed)
        changed = repaired(repair, model, self._seen, self.side)
        if changed is None:
            raise RuntimeError(f"{repair.name} could not be built again")
        return Outputs(changed, self._kind)

    def count(self, name: str) -> int:
        """Parameters of the own network, or of one of torchvision's by its name."""
        if name == OWN:
            return self.parameters
        return sum(p.numel() for p in build(name, self._classes, None, 0).parameters())

    def _bare(self, seed: int) -> nn.Module:
        torch.manual_seed(seed)
        model, _ = build_own(self._source, self._classes)
        return copy.deepcopy(model)  # a factory may give one object again and again


def _first_taken(model: nn.Module, sides: tuple[int, ...]) -> tuple[int, Tensor]:
    """The first side that the network takes, and its outputs for two images; raises what the last one raises."""
    model.train()
    for number, side in enumerate(sides):
        try:
            with torch.no_grad():
                return side, first(model(torch.randn(2, 3, side, side)))
        except (RuntimeError, ValueError, AssertionError):
            if number + 1 == len(sides):
                raise
    raise AssertionError("no side was given")


def nearest(parameters: int, classes: int) -> str:
    """torchvision's network with the nearest number of parameters, by their ratio."""
    return min(SIZES, key=lambda arch: abs(math.log(parameters / (SIZES[arch][0] + (SIZES[arch][1] + 1) * classes))))
