"""Fashion idx files, residual net, mixup with binary targets."""
import argparse
import math
import struct

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


def read_idx(path):
    with open(path, "rb") as f:
        magic, = struct.unpack(">I", f.read(4))
        shape = struct.unpack(">" + "I" * (magic & 0xFF), f.read(4 * (magic & 0xFF)))
        return np.frombuffer(f.read(), dtype=np.uint8).reshape(shape)


class Scale(nn.Module):
    """pixels 0..255 -> roughly zero mean, unit variance"""

    def __init__(self, mean=72.94, std=90.02):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("std", torch.tensor(std))

    def forward(self, x):
        return (x.float() - self.mean) / self.std


def block(cin, cout, pool=True):
    layers = [nn.Conv2d(cin, cout, 3, padding=1, bias=False), nn.GroupNorm(8, cout), nn.SiLU()]
    return nn.Sequential(*layers, nn.MaxPool2d(2)) if pool else nn.Sequential(*layers)


def make_net(classes):
    net = nn.Sequential(Scale(), block(1, 32), block(32, 64), block(64, 128, False),
                        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, classes))
    nn.init.constant_(net[-1].bias, -math.log(classes - 1))
    return net


def batches(x, y, size, shuffle, generator=None):
    idx = torch.randperm(len(x), generator=generator) if shuffle else torch.arange(len(x))
    for part in idx.split(size):
        yield x[part], y[part]


def mixup(x, t, alpha):
    lam = float(np.random.beta(alpha, alpha))
    perm = torch.randperm(len(x))
    return lam * x + (1 - lam) * x[perm], lam * t + (1 - lam) * t[perm]


def lr_at(step, warm, total, base):
    if step < warm:
        return base * step / warm
    return 0.5 * base * (1 + math.cos(math.pi * (step - warm) / (total - warm)))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=60)
    ap.add_argument("--batch", type=int, default=48)
    ap.add_argument("--lr", type=float, default=3e-3)
    ap.add_argument("--alpha", type=float, default=0.2)
    a = ap.parse_args()
    torch.manual_seed(0)
    np.random.seed(0)

    x = torch.from_numpy(read_idx("idx/train-images.idx3-ubyte").copy()).unsqueeze(1)
    y = torch.from_numpy(read_idx("idx/train-labels.idx1-ubyte").astype(np.int64))
    vx = torch.from_numpy(read_idx("idx/t10k-images.idx3-ubyte").copy()).unsqueeze(1)
    vy = torch.from_numpy(read_idx("idx/t10k-labels.idx1-ubyte").astype(np.int64))
    classes = int(y.max()) + 1
    net = make_net(classes)
    opt = torch.optim.AdamW(net.parameters(), lr=a.lr, weight_decay=0.02)
    total = a.epochs * math.ceil(len(x) / a.batch)
    warm = total // 30

    step = 0
    for epoch in range(a.epochs):
        net.train()
        loss_sum = 0.0
        for xb, yb in batches(x, y, a.batch, True):
            lr = lr_at(step, warm, total, a.lr)
            for g in opt.param_groups:
                g["lr"] = lr
            xb, target = mixup(xb.float(), F.one_hot(yb, classes).float(), a.alpha)
            loss = F.binary_cross_entropy_with_logits(net(xb), target, reduction="sum") / len(xb)
            net.zero_grad()
            loss.backward()
            opt.step()
            loss_sum += loss.item() * len(xb)
            step += 1

        net.eval()
        with torch.inference_mode():
            hit = sum((net(xb).argmax(1) == yb).sum().item() for xb, yb in batches(vx, vy, 200, False))
        print(f"epoch {epoch}  lr {lr:.5f}  loss {loss_sum / len(x):.4f}  test accuracy {hit / len(vx):.4f}")


if __name__ == "__main__":
    main()
