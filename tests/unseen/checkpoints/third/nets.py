"""Definitions of the own networks (make.py copies them into the programs)."""
import torch
from torch import nn
import torch.nn.functional as F

class SockNet(nn.Module):
    def __init__(self, classes=10, w=24, p=0.4):
        super().__init__()
        def unit(i, o, s):
            return nn.Sequential(nn.Conv2d(i, o, 3, s, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU())
        self.features = nn.Sequential(unit(1, w, 1), unit(w, w * 2, 2), unit(w * 2, w * 2, 1),
                                      nn.Dropout2d(p / 2), unit(w * 2, w * 4, 2), unit(w * 4, w * 4, 2))
        self.drop = nn.Dropout(p)
        self.head = nn.Linear(w * 4, classes)

    def embed(self, x):
        return self.features(x).mean((2, 3))

    def forward(self, x):
        return self.head(self.drop(self.embed(x)))

class RowGRU(nn.Module):
    def __init__(self, width=28, hidden=96, classes=10):
        super().__init__()
        self.inp = nn.Linear(width, 64)
        self.encoder = nn.GRU(64, hidden, num_layers=2, batch_first=True)
        self.norm = nn.LayerNorm(hidden)
        self.out = nn.Linear(hidden, classes)

    def features(self, x):
        h, _ = self.encoder(torch.relu(self.inp(x)))
        return self.norm(h[:, -1] + h.mean(1))

    def forward(self, x):
        return self.out(self.features(x))

class TrailNet(nn.Module):
    def __init__(self, classes=6, w=24):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, w, 3, 2, 1, bias=False), nn.BatchNorm2d(w), nn.SiLU())
        self.blocks = nn.ModuleList()
        for i, o, s in ((w, w, 1), (w, 2 * w, 2), (2 * w, 2 * w, 1), (2 * w, 4 * w, 2), (4 * w, 4 * w, 1)):
            self.blocks.append(nn.ModuleDict({
                "a": nn.Sequential(nn.Conv2d(i, o, 3, s, 1, bias=False), nn.BatchNorm2d(o)),
                "b": nn.Sequential(nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o)),
                "skip": nn.Conv2d(i, o, 1, s, bias=False) if (i != o or s != 1) else nn.Identity()}))
        self.fc = nn.Linear(4 * w, classes)

    def forward(self, x):
        x = self.stem(x)
        for m in self.blocks:
            x = F.silu(m["b"](F.silu(m["a"](x))) + m["skip"](x))
        return self.fc(x.mean((2, 3)))
