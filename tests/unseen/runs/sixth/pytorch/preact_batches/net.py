import torch.nn as nn
import torch.nn.functional as F


class PreActBlock(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(cin)
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.skip = nn.Conv2d(cin, cout, 1, stride, bias=False) if stride != 1 or cin != cout else None

    def forward(self, x):
        h = F.relu(self.bn1(x))
        short = self.skip(h) if self.skip is not None else x
        h = self.conv1(h)
        return self.conv2(F.relu(self.bn2(h))) + short


class StagedNet(nn.Module):
    """stem -> stages of pre-activation blocks -> pooled linear classifier"""

    def __init__(self, widths=(24, 48, 96), depth=2, num_classes=10):
        super().__init__()
        self.stem = nn.Conv2d(3, widths[0], 3, padding=1, bias=False)
        self.stages = []
        cin = widths[0]
        for s, w in enumerate(widths):
            blocks = [PreActBlock(cin if i == 0 else w, w, 2 if s > 0 and i == 0 else 1) for i in range(depth)]
            self.stages.append(nn.Sequential(*blocks))
            cin = w
        self.norm = nn.BatchNorm2d(cin)
        self.fc = nn.Linear(cin, num_classes)

    def forward(self, x):
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
        x = F.relu(self.norm(x))
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))
