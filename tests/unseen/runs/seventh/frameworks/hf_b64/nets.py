import torch
from torch import nn


class Standardize(nn.Module):
    """Each picture by its own mean and deviation."""

    def forward(self, x):
        x = x.float()
        m = x.mean((1, 2, 3), keepdim=True)
        return (x - m) / x.std((1, 2, 3), keepdim=True).clamp_min(1.0)


class SharedStepNet(nn.Module):
    """The same block is applied three times with shared weights (recurrent convolution), that is meant so."""

    def __init__(self, classes, width=48, rounds=3):
        super().__init__()
        self.rounds = rounds
        self.enter = nn.Sequential(Standardize(), nn.Conv2d(1, width, 4, 2, 1), nn.GELU())
        self.norms = nn.ModuleList(nn.GroupNorm(6, width) for _ in range(rounds))
        self.step = nn.Conv2d(width, width, 3, 1, 1)
        self.leave = nn.Sequential(nn.AdaptiveMaxPool2d(2), nn.Flatten(), nn.Dropout(0.2), nn.Linear(4 * width, classes))

    def forward(self, pixel_values, labels=None):
        h = self.enter(pixel_values)
        for norm in self.norms:
            h = h + nn.functional.gelu(self.step(norm(h)))
        logits = self.leave(h)
        result = {"logits": logits}
        if labels is not None:
            result = {"loss": nn.functional.cross_entropy(logits, labels), **result}
        return result
