"""MobileNet-like network on the HDF5 file, bfloat16 on the CPU, goes on from the last state."""
import argparse
import math
import os

import h5py
import numpy as np
import torch
import torch.nn.functional as F
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch import nn
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler


class Store(Dataset):
    def __init__(self, path, part, augment=False):
        with h5py.File(path) as h:
            self.x, self.y = h[part]["images"][...], h[part]["labels"][...]
        self.augment = augment

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        x = torch.from_numpy(self.x[i].astype(np.float32).transpose(2, 0, 1) / 255.0)
        if self.augment:
            if torch.rand(()) < 0.5:
                x = torch.flip(x, [-1])
            top, left = torch.randint(0, 7, (2,)).tolist()
            x = F.pad(x, (3, 3, 3, 3))[:, top:top + 48, left:left + 48]
        return x, int(self.y[i])


def cbr(a, b, k=3, s=1, g=1):
    return nn.Sequential(nn.Conv2d(a, b, k, s, k // 2, groups=g, bias=False), nn.BatchNorm2d(b), nn.Hardswish())


class Mobile(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm_in = nn.BatchNorm2d(3, affine=False)
        self.stem = cbr(3, 32, s=2)
        rows = [(32, 64, 1), (64, 96, 2), (96, 96, 1), (96, 160, 2), (160, 160, 1)]
        self.blocks = nn.ModuleList(nn.Sequential(cbr(a, a, s=s, g=a), cbr(a, b, 1)) for a, b, s in rows)
        self.out = nn.Linear(160, 10)

    def forward(self, x):
        x = self.stem(self.norm_in(x))
        for b in self.blocks:
            y = b(x)
            x = x + y if y.shape == x.shape else y
        return self.out(x.mean((2, 3)))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--epochs", type=int, default=50)
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--folder", default="state_mobile")
    a = p.parse_args()
    set_seed(15)
    acc = Accelerator(mixed_precision="bf16", cpu=True)
    train_set, valid_set = Store("h5/store.h5", "train", True), Store("h5/store.h5", "valid")
    weight = 1.0 / np.bincount(train_set.y)[train_set.y]
    sampler = WeightedRandomSampler(torch.as_tensor(weight), len(train_set))
    train, valid = DataLoader(train_set, 40, sampler=sampler), DataLoader(valid_set, 100)
    model = Mobile()
    opt = torch.optim.RMSprop(model.parameters(), lr=a.lr, alpha=0.9, momentum=0.0, weight_decay=1e-5)
    warm, total = len(train), a.epochs * len(train)
    sched = torch.optim.lr_scheduler.LambdaLR(
        opt, lambda s: s / warm if s < warm else 0.5 * (1 + math.cos(math.pi * (s - warm) / (total - warm))))
    model, opt, train, valid, sched = acc.prepare(model, opt, train, valid, sched)
    first, mark = 0, os.path.join(a.folder, "epoch.txt")
    if os.path.exists(mark):
        acc.load_state(os.path.join(a.folder, "last"))
        with open(mark) as f:
            first = int(f.read())
        acc.print("going on at epoch", first)
    for epoch in range(first, a.epochs):
        model.train()
        for x, y in train:
            with acc.autocast():
                z = model(x)
            loss = F.cross_entropy(z.float(), y, label_smoothing=0.1)
            acc.backward(loss)
            opt.step()
            sched.step()
            opt.zero_grad(set_to_none=True)
        model.eval()
        right = []
        with torch.inference_mode():
            for x, y in valid:
                right.append(acc.gather_for_metrics(model(x).argmax(1) == y))
        acc.print(f"{epoch} loss {loss.item():.3f} accuracy {torch.cat(right).float().mean():.3f}", flush=True)
        acc.save_state(os.path.join(a.folder, "last"))
        with open(mark, "w") as f:
            f.write(str(epoch + 1))


if __name__ == "__main__":
    main()
