"""The candidates. All of them return log-probabilities."""
import torch
from torch import nn
from torch.nn import functional as F


class MLP(nn.Module):
    def __init__(self, hidden=(512, 256)):
        super().__init__()
        sizes = [28 * 28, *hidden]
        body = []
        for a, b in zip(sizes, sizes[1:]):
            body += [nn.Linear(a, b), nn.BatchNorm1d(b), nn.GELU(), nn.Dropout(0.2)]
        self.body = nn.Sequential(nn.Flatten(), *body, nn.Linear(sizes[-1], 10))

    def forward(self, x):
        return F.log_softmax(self.body(x), dim=1)


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5, padding=2)
        self.conv2 = nn.Conv2d(16, 32, 5)
        self.fc1 = nn.Linear(32 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        x = F.relu(self.fc2(F.dropout(x, 0.2, self.training)))
        return F.log_softmax(self.fc3(x), dim=1)


class Separable(nn.Module):
    def __init__(self, widths=(32, 64, 128, 128)):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, widths[0], 3, padding=1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU())
        self.blocks = nn.ModuleList()
        for a, b in zip(widths, widths[1:]):
            self.blocks.append(nn.Sequential(
                nn.Conv2d(a, a, 3, padding=1, groups=a, bias=False), nn.BatchNorm2d(a), nn.ReLU(),
                nn.Conv2d(a, b, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU()))
        self.fc = nn.Linear(widths[-1], 10)

    def forward(self, x):
        x = self.stem(x)
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i < 2:
                x = F.max_pool2d(x, 2)
        return torch.log_softmax(self.fc(x.mean((2, 3))), dim=-1)


NETS = {"mlp": (MLP, 1e-3), "lenet": (LeNet, 1e-3), "separable": (Separable, 3e-3)}
