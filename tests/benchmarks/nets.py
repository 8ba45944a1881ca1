"""Networks as people write them: five with one fault each, two sound ones. Written before the repairs were tried."""

from __future__ import annotations

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import nn
from torchvision.models.resnet import BasicBlock, ResNet

# ---------------------------------------------------------------- no shortcuts: `+ x` is missing, 27 convolutions


class ForgetfulBlock(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return self.relu(out)


class MyResNet27(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(inplace=True))
        layers, width = [], 32
        for stage, (w, n) in enumerate([(32, 3), (64, 4), (128, 4), (160, 2)]):
            for i in range(n):
                layers.append(ForgetfulBlock(width, w, 2 if stage and i == 0 else 1))
                width = w
        self.layers = nn.ModuleList(layers)
        self.fc = nn.Linear(width, num_classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x):
        x = self.stem(x)
        for layer in self.layers:
            x = layer(x)
        return self.fc(x.mean((2, 3)))


# ---------------------------------------------------------------- wrong initialisation: every matrix is N(0, 1)


def conv3x3(i, o, s=1):
    return nn.Conv2d(i, o, kernel_size=3, stride=s, padding=1, bias=False)


class Unit(nn.Module):
    def __init__(self, i, o, s):
        super().__init__()
        self.body = nn.Sequential(conv3x3(i, o, s), nn.BatchNorm2d(o), nn.ReLU(), conv3x3(o, o), nn.BatchNorm2d(o))
        self.skip = nn.Identity() if (i, s) == (o, 1) else nn.Sequential(nn.Conv2d(i, o, 1, s), nn.BatchNorm2d(o))

    def forward(self, x):
        return F.relu(self.body(x) + self.skip(x))


class LoudNet(nn.Module):
    def __init__(self, n_classes: int):
        super().__init__()
        self.features = nn.Sequential(
            conv3x3(3, 32, 2),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            Unit(32, 32, 1),
            Unit(32, 64, 2),
            Unit(64, 128, 2),
            Unit(128, 256, 2),
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(256, n_classes)
        self.apply(self._init_weights)

    @staticmethod
    def _init_weights(module):
        if hasattr(module, "weight") and module.weight is not None and module.weight.dim() > 1:
            torch.nn.init.normal_(module.weight)  # mean 0, std 1

    def forward(self, images):
        return self.classifier(torch.flatten(self.pool(self.features(images)), 1))


# ---------------------------------------------------------------- activation twice: ReLU in the helper, then sigmoid


def cbr(cin, cout, k=3, s=1):
    return nn.Sequential(OrderedDict(conv=nn.Conv2d(cin, cout, k, s, k // 2), norm=nn.BatchNorm2d(cout), act=nn.ReLU()))


class Squash(nn.Module):
    def __init__(self, num_labels=8):
        super().__init__()
        self.c1, self.c2, self.c3 = cbr(3, 32, 5, 2), cbr(32, 64), cbr(64, 64)
        self.c4, self.c5, self.c6 = cbr(64, 128), cbr(128, 128), cbr(128, 256)
        self.out = nn.Linear(256, num_labels)

    def forward(self, x):
        x = torch.sigmoid(self.c1(x))
        x = torch.sigmoid(self.c2(x))
        x = F.max_pool2d(torch.sigmoid(self.c3(x)), 2)
        x = torch.sigmoid(self.c4(x))
        x = F.max_pool2d(torch.sigmoid(self.c5(x)), 2)
        x = torch.sigmoid(self.c6(x))
        x = F.adaptive_avg_pool2d(x, 1).squeeze(-1).squeeze(-1)
        return self.out(x)


# ---------------------------------------------------------------- batch norm made, never used


class VGGish(nn.Module):
    widths = (32, 32, "M", 64, 64, "M", 128, 128, 128, "M", 256, 256, 256)

    def __init__(self, classes):
        super().__init__()
        self.convs, self.bns = nn.ModuleList(), nn.ModuleList()
        last = 3
        for w in self.widths:
            if w != "M":
                self.convs.append(nn.Conv2d(last, w, 3, padding=1))
                self.bns.append(nn.BatchNorm2d(w))
                last = w
        self.head = nn.Sequential(nn.Linear(last, 128), nn.ReLU(), nn.Linear(128, classes))

    def forward(self, x):
        k = 0
        x = F.avg_pool2d(x, 2)
        for w in self.widths:
            if w == "M":
                x = F.max_pool2d(x, 2)
            else:
                x = F.relu(self.convs[k](x))
                k += 1
        return self.head(x.amax(dim=(-2, -1)))


# ---------------------------------------------------------------- a stem for 224 px and more: 1 x 1 is left of 64 px


class BigStem(nn.Sequential):
    def __init__(self, num_classes=1000):
        def stage(i, o, n, s):
            down = nn.Sequential(nn.Conv2d(i, o, 1, s, bias=False), nn.BatchNorm2d(o)) if (i, s) != (o, 1) else None
            return nn.Sequential(BasicBlock(i, o, s, down), *[BasicBlock(o, o) for _ in range(n - 1)])

        super().__init__(
            nn.Conv2d(3, 64, 7, 4, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(True), nn.MaxPool2d(3, 2, 1),
            stage(64, 64, 2, 2), stage(64, 128, 2, 2), stage(128, 192, 2, 2), stage(192, 256, 1, 1),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(256, num_classes),
        )  # fmt: skip
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")


# ---------------------------------------------------------------- two sound ones


def small_resnet(num_classes: int) -> nn.Module:
    return ResNet(BasicBlock, [1, 1, 1, 1], num_classes=num_classes)


class Separable(nn.Module):
    """Depthwise convolutions, group norm and SiLU, with shortcuts."""

    class Mix(nn.Module):
        def __init__(self, d):
            super().__init__()
            self.dw = nn.Conv2d(d, d, 5, padding=2, groups=d)
            self.norm = nn.GroupNorm(8, d)
            self.pw1, self.pw2 = nn.Conv2d(d, 3 * d, 1), nn.Conv2d(3 * d, d, 1)

        def forward(self, x):
            return x + self.pw2(F.silu(self.pw1(self.norm(self.dw(x)))))

    def __init__(self, num_classes=10, dims=(48, 96, 160)):
        super().__init__()
        self.stages = nn.Sequential(
            nn.Conv2d(3, dims[0], 4, 4), self.Mix(dims[0]), self.Mix(dims[0]),
            nn.GroupNorm(8, dims[0]), nn.Conv2d(dims[0], dims[1], 2, 2), self.Mix(dims[1]), self.Mix(dims[1]),
            nn.GroupNorm(8, dims[1]), nn.Conv2d(dims[1], dims[2], 2, 2), self.Mix(dims[2]), self.Mix(dims[2]),
        )  # fmt: skip
        self.head = nn.Sequential(nn.LayerNorm(dims[2]), nn.Linear(dims[2], num_classes))

    def forward(self, x):
        return self.head(self.stages(x).mean([-2, -1]))
