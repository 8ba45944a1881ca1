"""Densely connected network for 32 x 32 pictures, with group norm."""
import torch
import torch.nn as nn
import torch.nn.functional as F


def norm(channels):
    return nn.GroupNorm(num_groups=8, num_channels=channels)


class DenseLayer(nn.Module):
    def __init__(self, in_ch, growth):
        super().__init__()
        self.norm1 = norm(in_ch)
        self.conv1 = nn.Conv2d(in_ch, 2 * growth, kernel_size=1, bias=False)
        self.norm2 = norm(2 * growth)
        self.conv2 = nn.Conv2d(2 * growth, growth, kernel_size=3, padding=1, bias=False)

    def forward(self, x):
        y = self.conv1(F.relu(self.norm1(x)))
        y = self.conv2(F.relu(self.norm2(y)))
        return torch.cat([x, y], dim=1)


class Transition(nn.Module):
    def __init__(self, in_ch, out_ch):
        super().__init__()
        self.norm = norm(in_ch)
        self.conv = nn.Conv2d(in_ch, out_ch, kernel_size=1, bias=False)

    def forward(self, x):
        return F.avg_pool2d(self.conv(F.relu(self.norm(x))), 2)


class PickleDense(nn.Module):
    def __init__(self, num_classes=10, growth=16, depth=(3, 4, 4), device="cpu"):
        super().__init__()
        ch = 2 * growth
        self.stem = nn.Conv2d(3, ch, kernel_size=3, stride=2, padding=1, bias=False)
        self.stages = []
        for i, n in enumerate(depth):
            layers = []
            for _ in range(n):
                layers.append(DenseLayer(ch, growth))
                ch += growth
            if i < len(depth) - 1:
                out = ch // 16 * 8
                layers.append(Transition(ch, out))
                ch = out
            self.stages.append(nn.Sequential(*layers).to(device))
        self.final_norm = norm(ch)
        self.classifier = nn.Linear(ch, num_classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight)
            elif isinstance(m, nn.Linear):
                nn.init.zeros_(m.bias)

    def forward(self, x):
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
        x = F.relu(self.final_norm(x))
        x = F.adaptive_avg_pool2d(x, 1).flatten(1)
        return self.classifier(x)
