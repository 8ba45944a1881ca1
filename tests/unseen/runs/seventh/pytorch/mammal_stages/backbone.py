import torch.nn as nn


def cbr(i, o, s=1):
    return nn.Sequential(nn.Conv2d(i, o, 3, s, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU())


class Residual(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.body = nn.Sequential(cbr(c, c), cbr(c, c))

    def forward(self, x):
        return x + self.body(x)


class ResMini(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.trunk = nn.Sequential(cbr(3, 24), cbr(24, 48, 2), Residual(48), cbr(48, 96, 2), Residual(96), cbr(96, 128, 2))
        self.head = nn.Linear(128, classes)

    def forward(self, x):
        return self.head(self.trunk(x).mean((2, 3)))
