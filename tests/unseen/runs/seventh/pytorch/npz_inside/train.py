import argparse

import numpy as np
import torch
from torch.nn import functional as F

from model import Inside


def arrays(path):
    with np.load(path) as z:
        return [torch.from_numpy(z[k]) for k in ("x_train", "y_train", "x_test", "y_test")]


def batches(x, y, size, shuffle, generator=None):
    """index batches by hand, no loader for what fits into the memory"""
    order = torch.randperm(len(x), generator=generator) if shuffle else torch.arange(len(x))
    for rows in order.split(size):
        yield x[rows], y[rows]


parser = argparse.ArgumentParser(description="bytes into the network")
parser.add_argument("file", nargs="?", default="tiles.npz")
parser.add_argument("--epochs", type=int, default=50)
parser.add_argument("--size", type=int, default=32)
parser.add_argument("--lr", type=float, default=1.5e-3)
args = parser.parse_args()

torch.manual_seed(6)
generator = torch.Generator().manual_seed(6)
x, y, x_test, y_test = arrays(args.file)
model = Inside(int(y.max()) + 1)
optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.05, amsgrad=True)


def rate(epoch):
    if epoch < 2:
        return 0.5
    return 0.96 ** (epoch - 2)


scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
for epoch in range(args.epochs):
    total, count = 0.0, 0
    model.train()
    for images, labels in batches(x, y, args.size, True, generator):
        logits = model(images)
        loss = F.cross_entropy(logits, labels, reduction="sum") / len(labels)
        model.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        count += len(labels)
    scheduler.step()
    model.eval()
    with torch.no_grad():
        good = torch.cat([model(images).argmax(1) == labels for images, labels in batches(x_test, y_test, 125, False)])
    print(f"{epoch:3d} lr {scheduler.get_last_lr()[0]:.2e} loss {total / count:.4f} test {good.float().mean():.4f}", flush=True)
