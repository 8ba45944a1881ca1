import torch
import torch.nn as nn


class Prepare(nn.Module):
    """bytes, rows x columns x channels -> normalised planes; part of the network so that
    whoever uses the exported file can pass a picture as it is"""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([125.3, 123.0, 113.9]))
        self.register_buffer("scale", torch.tensor([1 / 63.0, 1 / 62.1, 1 / 66.7]))

    def forward(self, x):
        assert x.dtype == torch.uint8 and x.shape[-1] == 3
        return ((x.float() - self.mean) * self.scale).permute(0, 3, 1, 2)


class Shift(nn.Module):
    """flips and shifts while training, nothing otherwise"""

    def forward(self, x):
        if not self.training:
            return x
        x = torch.where(torch.rand(len(x), 1, 1, 1, device=x.device) < 0.5, x.flip(-1), x)
        dy, dx = torch.randint(-2, 3, (2,)).tolist()
        return torch.roll(x, (dy, dx), (-2, -1))


class Inside(nn.Module):
    def __init__(self, classes, width=32):
        super().__init__()
        self.prepare, self.shift = Prepare(), Shift()
        def layer(i, o):
            return nn.Sequential(nn.Conv2d(i, o, 3, 2, 1), nn.GroupNorm(4, o), nn.Mish())
        self.body = nn.Sequential(layer(3, width), layer(width, 2 * width), layer(2 * width, 4 * width))
        self.head = nn.Linear(4 * width, classes)

    def forward(self, x):
        x = self.body(self.shift(self.prepare(x)))
        return self.head(x.amax((2, 3)))
