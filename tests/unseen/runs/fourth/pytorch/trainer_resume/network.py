import torch
from torch import nn


class Fire(nn.Module):
    def __init__(self, cin, squeeze, cout):
        super().__init__()
        self.squeeze = nn.Sequential(nn.Conv2d(cin, squeeze, 1, bias=False), nn.BatchNorm2d(squeeze), nn.ReLU())
        self.one = nn.Conv2d(squeeze, cout // 2, 1, bias=False)
        self.three = nn.Conv2d(squeeze, cout // 2, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(cout)

    def forward(self, x):
        x = self.squeeze(x)
        return torch.relu(self.norm(torch.cat([self.one(x), self.three(x)], 1)))


def build_network(classes):
    net = nn.Sequential(
        nn.Conv2d(3, 32, 5, 2, 2, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
        Fire(32, 16, 64), Fire(64, 16, 64), nn.MaxPool2d(2),
        Fire(64, 32, 128), Fire(128, 32, 128), nn.MaxPool2d(2),
        Fire(128, 48, 192), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.3), nn.Linear(192, classes),
    )
    for m in net.modules():
        if isinstance(m, nn.Conv2d):
            nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
    return net
