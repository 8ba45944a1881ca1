import torch.nn as nn
from registry import BACKBONE


class Residual(nn.Module):
    def __init__(self, a, b, step):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(a, b, 3, step, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU(),
            nn.Conv2d(b, b, 3, 1, 1, bias=False), nn.BatchNorm2d(b))
        self.side = nn.Identity() if a == b and step == 1 else nn.Sequential(
            nn.Conv2d(a, b, 1, step, bias=False), nn.BatchNorm2d(b))
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.main(x) + self.side(x))


@BACKBONE("tiny_residual")
class TinyResidual(nn.Module):
    def __init__(self, channels, classes, in_channels=1):
        super().__init__()
        first = channels[0]
        layers = [nn.Conv2d(in_channels, first, 3, padding=1, bias=False), nn.BatchNorm2d(first), nn.ReLU()]
        for a, b in zip(channels, channels[1:]):
            layers += [Residual(a, b, 2), Residual(b, b, 1)]
        self.features = nn.Sequential(*layers)
        self.classify = nn.Linear(channels[-1], classes)

    def forward(self, x):
        return self.classify(self.features(x).mean(dim=(2, 3)))
