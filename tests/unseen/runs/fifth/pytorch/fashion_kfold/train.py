"""Five-fold comparison of two small networks on Fashion-MNIST idx files."""
import argparse
import struct

import numpy as np
import torch
from torch import nn


def idx(path):
    raw = open(path, "rb").read()
    nd = raw[3]
    dims = struct.unpack(f">{nd}I", raw[4:4 + 4 * nd])
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * nd).reshape(dims)


def plain():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * 49, 128), nn.ReLU(), nn.Dropout(0.4), nn.Linear(128, 10))


def normed():
    def c(a, b, s):
        return [nn.Conv2d(a, b, 3, s, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU()]
    return nn.Sequential(*c(1, 32, 1), *c(32, 64, 2), *c(64, 96, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(96, 10))


def batches(x, y, size, rng=None):
    order = np.arange(len(x)) if rng is None else rng.permutation(len(x))
    for a in range(0, len(order), size):
        ids = order[a:a + size]
        bx = x[ids]
        if rng is not None:
            dy, dx = rng.integers(-2, 3, 2)
            bx = np.roll(bx, (dy, dx), (1, 2))
            if rng.random() < 0.5:
                bx = bx[:, :, ::-1]
        t = torch.from_numpy(np.ascontiguousarray(bx, dtype=np.float32))[:, None] / 255
        yield t.sub_(0.5).mul_(2), torch.from_numpy(y[ids].astype(np.int64))


def train(make, x, y, tr, va, epochs, seed):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = make()
    opt = torch.optim.Adam(net.parameters(), 1e-3)
    sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.93)
    for e in range(epochs):
        net.train()
        for bx, by in batches(x[tr], y[tr], 50, rng):
            opt.zero_grad()
            nn.functional.cross_entropy(net(bx), by).backward()
            opt.step()
        sched.step()
        net.eval()
        with torch.no_grad():
            ok = sum((net(bx).argmax(1) == by).sum().item() for bx, by in batches(x[va], y[va], 200))
        print(f"   {make.__name__} epoch {e} {ok / len(va):.4f}", flush=True)
    return ok / len(va)


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--folds", type=int, default=5)
    ap.add_argument("--epochs", type=int, default=15)
    ap.add_argument("--dir", default="fashion")
    a = ap.parse_args()
    x, y = idx(f"{a.dir}/train-images-idx3-ubyte"), idx(f"{a.dir}/train-labels-idx1-ubyte")
    folds = np.array_split(np.random.default_rng(0).permutation(len(x)), a.folds)
    for make in (normed, plain):
        scores = []
        for k in range(a.folds):
            rest = np.concatenate([f for j, f in enumerate(folds) if j != k])
            scores.append(train(make, x, y, rest, folds[k], a.epochs, seed=k))
            print(f"{make.__name__} fold {k}: {scores[-1]:.4f}", flush=True)
        print(f"{make.__name__}: {np.mean(scores):.4f} +- {np.std(scores):.4f}", flush=True)
