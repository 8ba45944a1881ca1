"""Wide residual network with preactivation."""
import torch
import torch.nn.functional as F
from torch import nn


class Unit(nn.Module):
    def __init__(self, cin, cout, stride, drop):
        super().__init__()
        self.bn1, self.bn2 = nn.BatchNorm2d(cin), nn.BatchNorm2d(cout)
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.drop = nn.Dropout(drop)
        self.short = nn.Conv2d(cin, cout, 1, stride, bias=False) if cin != cout or stride != 1 else None

    def forward(self, x):
        y = F.relu(self.bn1(x))
        skip = x if self.short is None else self.short(y)
        y = self.conv1(y)
        y = self.conv2(self.drop(F.relu(self.bn2(y))))
        return y + skip


class WideNet(nn.Module):
    def __init__(self, num_classes, depth=10, width=3, drop=0.1):
        super().__init__()
        n = (depth - 4) // 6
        self.conv = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        units, cin = [], 16
        for k, base in enumerate((16, 32, 64)):
            for i in range(n):
                units.append(Unit(cin, base * width, 2 if i == 0 and k > 0 else 1, drop))
                cin = base * width
        self.units = nn.Sequential(*units)
        self.bn = nn.BatchNorm2d(cin)
        self.fc = nn.Linear(cin, num_classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x):
        x = F.relu(self.bn(self.units(self.conv(x))))
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))
