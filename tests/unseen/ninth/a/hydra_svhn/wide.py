import torch
from torch import nn


class Unit(nn.Module):
    def __init__(self, cin: int, cout: int, stride: int, dropout: float):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(cin)
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.drop = nn.Dropout(dropout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.short = nn.Identity() if cin == cout and stride == 1 else nn.Conv2d(cin, cout, 1, stride, bias=False)
        self.same = isinstance(self.short, nn.Identity)

    def forward(self, x):
        h = torch.relu(self.bn1(x))
        s = x if self.same else self.short(h)
        h = self.conv1(h)
        h = self.conv2(self.drop(torch.relu(self.bn2(h))))
        return s + h


class WideResNet(nn.Module):
    """depth = 6 n + 4, for 32 x 32 pictures."""

    def __init__(self, depth: int, widen: int, dropout: float, num_classes: int):
        super().__init__()
        assert (depth - 4) % 6 == 0
        n = (depth - 4) // 6
        w = [16, 16 * widen, 32 * widen, 64 * widen]
        self.stem = nn.Conv2d(3, w[0], 3, 1, 1, bias=False)
        units = []
        for g in range(3):
            for i in range(n):
                units.append(Unit(w[g] if i == 0 else w[g + 1], w[g + 1], 2 if g > 0 and i == 0 else 1, dropout))
        self.units = nn.Sequential(*units)
        self.bn = nn.BatchNorm2d(w[3])
        self.fc = nn.Linear(w[3], num_classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
        nn.init.zeros_(self.fc.bias)

    def forward(self, x):
        x = torch.relu(self.bn(self.units(self.stem(x))))
        return self.fc(x.mean(dim=(2, 3)))
