"""Tags of pictures. One tag for each picture today, several later; hence the sigmoid."""
import json
import os
import sys
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn
from PIL import Image
from torch.utils.data import DataLoader, Dataset


@dataclass(frozen=True)
class Cfg:
    root: str = "jsonl"
    epochs: int = 60
    batch: int = 40
    lr: float = 2e-3
    alpha: float = 0.3
    plain_epochs: int = 8      # the last ones are without mixing


class Tagged(Dataset):
    def __init__(self, root, subset, vocabulary=None):
        with open(os.path.join(root, "index.jsonl")) as f:
            lines = [json.loads(line) for line in f]
        self.vocabulary = vocabulary or sorted({t for l in lines for t in l["tags"]})
        self.lines = [l for l in lines if l["subset"] == subset]
        self.root, self.train = root, subset == "train"

    def __len__(self):
        return len(self.lines)

    def __getitem__(self, i):
        l = self.lines[i]
        a = np.array(Image.open(os.path.join(self.root, l["f"])).convert("RGB"), np.float32)
        if self.train and np.random.rand() < 0.5:
            a = a[:, ::-1]
        hot = torch.zeros(len(self.vocabulary))
        hot[[self.vocabulary.index(t) for t in l["tags"]]] = 1.0
        return torch.from_numpy(a.transpose(2, 0, 1).copy()) / 127.5 - 1.0, hot


def mixing(alpha):
    """a collate function that blends each batch with its reverse"""
    def collate(items):
        x, y = torch.stack([a for a, _ in items]), torch.stack([b for _, b in items])
        lam = float(np.random.beta(alpha, alpha))
        return lam * x + (1 - lam) * x.flip(0), lam * y + (1 - lam) * y.flip(0)
    return collate


def network(n):
    def unit(i, o):
        return [nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]
    net = nn.Sequential(*unit(3, 24), nn.MaxPool2d(2), *unit(24, 48), nn.MaxPool2d(2), *unit(48, 96), *unit(96, 96),
                        nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(384, n))
    # start where the answer is "no" for each tag, with the share 1/n
    nn.init.constant_(net[-1].bias, -float(np.log(n - 1)))
    return net


def top1(net, loader):
    net.eval()
    with torch.no_grad():
        hits = [net(x).sigmoid().argmax(1) == y.argmax(1) for x, y in loader]
    return torch.cat(hits).float().mean().item()


def main(c):
    torch.manual_seed(15)
    np.random.seed(15)
    train = Tagged(c.root, "train")
    val = Tagged(c.root, "val", train.vocabulary)
    n = len(train.vocabulary)
    mixed = DataLoader(train, c.batch, shuffle=True, drop_last=True, collate_fn=mixing(c.alpha))
    plain = DataLoader(train, c.batch, shuffle=True, drop_last=True)
    check = DataLoader(val, 100)
    net = network(n)
    opt = torch.optim.AdamW(net.parameters(), lr=c.lr, weight_decay=0.01)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, c.epochs * len(mixed))
    bce = nn.BCEWithLogitsLoss(reduction="none")
    for epoch in range(c.epochs):
        net.train()
        total = 0.0
        loader = plain if epoch >= c.epochs - c.plain_epochs else mixed
        for x, y in loader:
            loss = bce(net(x), y).sum(1).mean()      # over the tags the sum, over the pictures the mean
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            total += loss.item()
        print(f"{epoch:3d} bce {total / len(loader):.3f} top1 {top1(net, check):.3f}", flush=True)


if __name__ == "__main__":
    epochs = int(sys.argv[1].split("=")[1]) if len(sys.argv) > 1 else Cfg.epochs
    main(Cfg(epochs=epochs))
