import argparse

import torch
import torch.nn as nn
from torch.utils.data import DataLoader

from stream import Stream


class PreAct(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.n1, self.c1 = nn.GroupNorm(4, i), nn.Conv2d(i, o, 3, stride, 1, bias=False)
        self.n2, self.c2 = nn.GroupNorm(4, o), nn.Conv2d(o, o, 3, 1, 1, bias=False)
        self.short = nn.Conv2d(i, o, 1, stride, bias=False)
        # each block starts as its short cut
        nn.init.zeros_(self.c2.weight)

    def forward(self, x):
        h = torch.relu(self.n1(x))
        return self.short(h) + self.c2(torch.relu(self.n2(self.c1(h))))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 24, 3, 1, 1)
        self.blocks = nn.Sequential(PreAct(24, 32, 2), PreAct(32, 64, 2), PreAct(64, 96, 2))
        self.norm, self.last = nn.GroupNorm(4, 96), nn.Linear(96, 10)

    def forward(self, x):
        x = torch.relu(self.norm(self.blocks(self.first(x))))
        return self.last(x.mean((2, 3)))


def epoch_of_training(net, loader, optimizer, pieces, largest):
    """gradients of several small batches before each step, weighted by their pictures"""
    net.train()
    waiting, total, seen = [], 0.0, 0

    def apply():
        n = sum(len(y) for _, y in waiting)
        subtotal = 0.0
        for x, y in waiting:
            loss = nn.functional.cross_entropy(net(x), y, reduction="sum") / n
            loss.backward()
            subtotal += loss.item() * n
        nn.utils.clip_grad_norm_(net.parameters(), largest)
        optimizer.step()
        optimizer.zero_grad()
        waiting.clear()
        return subtotal, n

    for batch in loader:
        waiting.append(batch)
        if len(waiting) == pieces:
            s, n = apply()
            total, seen = total + s, seen + n
    if waiting:
        s, n = apply()
        total, seen = total + s, seen + n
    return total / seen


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--epochs", type=int, default=50)
    p.add_argument("--micro", type=int, default=12)
    p.add_argument("--accumulate", type=int, default=4)
    p.add_argument("--lr", type=float, default=0.1)
    p.add_argument("--shards", default="shards")
    a = p.parse_args()
    torch.manual_seed(19)
    train = DataLoader(Stream(a.shards + "/train-*.tar", True, seed=19), batch_size=a.micro)
    val = DataLoader(Stream(a.shards + "/val-*.tar", False), batch_size=100)
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=a.lr, momentum=0.9, weight_decay=1e-3)
    for epoch in range(a.epochs):
        for g in optimizer.param_groups:
            g["lr"] = a.lr * min(1.0, 0.25 * (epoch + 1)) * (1 - epoch / a.epochs)
        loss = epoch_of_training(net, train, optimizer, a.accumulate, 2.0)
        net.eval()
        with torch.no_grad():
            hits = torch.cat([net(x).argmax(1).eq(y) for x, y in val])
        print(f"{epoch + 1} loss {loss:.3f} val {hits.float().mean().item():.3f} of {len(hits)}", flush=True)


main()
