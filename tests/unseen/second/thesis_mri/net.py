# Faulty: C328: see options.py; this module is sound.
import torch
import torch.nn as nn


class Unit(nn.Module):
    """conv-BN-ReLU twice with a projected skip"""

    def __init__(self, cin, cout, stride):
        super().__init__()
        self.path = nn.Sequential(
            nn.Conv2d(cin, cout, 3, stride, 1, bias=False),
            nn.BatchNorm2d(cout),
            nn.ReLU(inplace=True),
            nn.Conv2d(cout, cout, 3, 1, 1, bias=False),
            nn.BatchNorm2d(cout),
        )
        self.skip = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        return torch.relu(self.path(x) + self.skip(x))


class SliceNet(nn.Module):
    def __init__(self, classes=4, width=32):
        super().__init__()
        w = width
        self.stem = nn.Sequential(
            nn.Conv2d(1, w, 5, 2, 2, bias=False), nn.BatchNorm2d(w), nn.ReLU(inplace=True)
        )
        self.stages = nn.Sequential(Unit(w, w, 1), Unit(w, 2 * w, 2), Unit(2 * w, 4 * w, 2), Unit(4 * w, 8 * w, 2))
        self.top = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.3), nn.Linear(8 * w, classes))

    def forward(self, x):
        return self.top(self.stages(self.stem(x)))
