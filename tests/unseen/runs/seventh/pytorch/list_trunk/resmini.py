import torch
import torch.nn as nn


def cbr(i, o, s=1):
    return nn.Sequential(nn.Conv2d(i, o, 3, s, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU())


class Res(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.body = nn.Sequential(cbr(c, c), cbr(c, c))

    def forward(self, x):
        return x + self.body(x)


class ResMini(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.trunk = nn.Sequential(cbr(3, 24), cbr(24, 48, 2), Res(48), cbr(48, 96, 2), Res(96), cbr(96, 128, 2))
        self.head = nn.Linear(128, classes)

    def forward(self, x):
        return self.head(self.trunk(x).mean((2, 3)))


def init(m):
    if isinstance(m, nn.Conv2d):
        nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
    elif isinstance(m, nn.BatchNorm2d):
        m.reset_parameters()
    elif isinstance(m, nn.Linear):
        nn.init.trunc_normal_(m.weight, std=0.02)
    if getattr(m, "bias", None) is not None:
        nn.init.zeros_(m.bias)


def new_head(model, classes, hidden=0, drop=0.1):
    """puts a fresh head on the trunk"""
    width = model.head.in_features
    layers = [nn.Dropout(drop)]
    if hidden:
        layers += [nn.Linear(width, hidden), nn.ReLU()]
        width = hidden
    layers.append(nn.Linear(width, classes))
    model.head = nn.Sequential(*layers)
    return model.apply(init)


def from_file(path):
    saved = torch.load(path, map_location="cpu", weights_only=True)
    model = ResMini(len(saved["classes"]))
    model.load_state_dict(saved["model"])
    return model
