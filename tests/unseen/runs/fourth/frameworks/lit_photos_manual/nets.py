import torch
from torch import nn


class Pixels(nn.Module):
    """bytes in, normalised floats out"""

    def __init__(self, mean=(125.3, 123.0, 113.9), std=(63.0, 62.1, 66.7)):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1), persistent=False)

    def forward(self, x):
        return (x.float() - self.mean) / self.std


class Residual(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout), nn.SiLU(inplace=True),
            nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout),
        )
        self.skip = nn.Identity()
        if stride != 1 or cin != cout:
            self.skip = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        return nn.functional.silu(self.body(x) + self.skip(x))


class PhotoNet(nn.Module):
    def __init__(self, classes, widths=(24, 48, 96, 160)):
        super().__init__()
        self.pixels = Pixels()
        layers = [nn.Conv2d(3, widths[0], 5, 2, 2, bias=False), nn.BatchNorm2d(widths[0]), nn.SiLU(inplace=True)]
        cin = widths[0]
        for w in widths:
            layers += [Residual(cin, w, 1 if w == cin else 2)]
            cin = w
        self.trunk = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(cin, classes))

    def forward(self, x):
        return self.head(self.trunk(self.pixels(x)))
