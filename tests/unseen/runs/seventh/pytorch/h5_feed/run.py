import argparse
import time
from dataclasses import dataclass, fields

import torch
from torch import nn
import torch.nn.functional as F

from feed import feed


@dataclass
class Config:
    file: str = "cifar_small.h5"
    epochs: int = 40
    batch: int = 40
    lr: float = 0.05
    decay: float = 5e-4
    width: int = 32


def config():
    p = argparse.ArgumentParser()
    for f in fields(Config):
        p.add_argument("--" + f.name, type=f.type, default=f.default)
    return Config(**vars(p.parse_args()))


class Separable(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.depth = nn.Conv2d(i, i, 3, stride, 1, groups=i, bias=False)
        self.n1 = nn.BatchNorm2d(i)
        self.point = nn.Conv2d(i, o, 1, bias=False)
        self.n2 = nn.BatchNorm2d(o)

    def forward(self, x):
        x = F.relu(self.n1(self.depth(x)))
        return F.relu(self.n2(self.point(x)))


def network(w, classes=10):
    return nn.Sequential(
        nn.Conv2d(3, w, 3, 1, 1, bias=False), nn.BatchNorm2d(w), nn.ReLU(),
        Separable(w, 2 * w, 2), Separable(2 * w, 2 * w, 1),
        Separable(2 * w, 4 * w, 2), Separable(4 * w, 4 * w, 1),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4 * w, classes))


@torch.no_grad()
def check(model, batches):
    model.eval()
    hits = seen = 0
    for x, y in batches:
        hits += int((model(x).argmax(1) == y).sum())
        seen += y.numel()
    return hits / seen


def main(c: Config):
    torch.manual_seed(11)
    fit, held = feed(c.file, "train", c.batch, True), feed(c.file, "valid", 100, False)
    model = network(c.width)
    opt = torch.optim.SGD(model.parameters(), c.lr, momentum=0.9, weight_decay=c.decay, nesterov=True)
    sched = torch.optim.lr_scheduler.PolynomialLR(opt, total_iters=c.epochs * len(fit), power=1.0)
    for e in range(c.epochs):
        start, run = time.time(), 0.0
        model.train()
        for x, y in fit:
            flip = torch.rand(len(x)) < 0.5
            x[flip] = x[flip].flip(-1)
            loss = F.cross_entropy(model(x), y)
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            sched.step()
            run += loss.item()
        print(f"{e:02d} loss={run / len(fit):.3f} acc={check(model, held):.3f} ({time.time() - start:.1f}s)")


if __name__ == "__main__":
    main(config())
