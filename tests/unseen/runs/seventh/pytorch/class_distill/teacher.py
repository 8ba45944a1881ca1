import torch.nn as nn


def unit(i, o, s=1):
    return nn.Sequential(nn.Conv2d(i, o, 3, s, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU())


class Res(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.body = nn.Sequential(unit(c, c), unit(c, c))

    def forward(self, x):
        return x + self.body(x)


class Teacher(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.trunk = nn.Sequential(unit(3, 24), unit(24, 48, 2), Res(48), unit(48, 96, 2), Res(96), unit(96, 128, 2))
        self.head = nn.Linear(128, classes)

    def forward(self, x):
        return self.head(self.trunk(x).mean((2, 3)))
