"""Training from .npz shards as a stream (they would not fit in memory in the real thing)."""
import glob
import os
import random

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

MEAN = torch.tensor([0.491, 0.482, 0.446]).view(3, 1, 1)
STD = torch.tensor([0.246, 0.245, 0.263]).view(3, 1, 1)


class ShardStream(IterableDataset):
    """Every worker reads its own part of the shards.  In training the order of shards changes with the epoch and the
    pictures pass through a buffer from which they are drawn at random."""

    def __init__(self, pattern, train, buffer=1000, seed=0):
        self.shards = sorted(glob.glob(pattern))
        assert self.shards, pattern
        self.train = train
        self.buffer = buffer
        self.seed = seed
        self.epoch = 0

    def set_epoch(self, epoch):
        self.epoch = epoch

    def _read(self, shards):
        for path in shards:
            with np.load(path) as z:
                images, labels = z["images"], z["labels"]
            yield from zip(images, labels)

    def _prepare(self, image, label, rng):
        x = torch.from_numpy(image.astype(np.float32) / 255).permute(2, 0, 1)
        if self.train:
            if rng.random() < 0.5:
                x = x.flip(2)
            x = nn.functional.pad(x, (3, 3, 3, 3))
            t, l = rng.randint(0, 6), rng.randint(0, 6)
            x = x[:, t:t + 32, l:l + 32]
        return (x - MEAN) / STD, int(label)

    def __iter__(self):
        info = get_worker_info()
        wid, n = (info.id, info.num_workers) if info else (0, 1)
        shards = list(self.shards)
        if self.train:
            random.Random(self.seed + self.epoch).shuffle(shards)      # the same for all workers
        shards = shards[wid::n]
        rng = random.Random(f"{self.seed}-{self.epoch}-{wid}")
        if not self.train:
            for image, label in self._read(shards):
                yield self._prepare(image, label, rng)
            return
        pool = []
        for item in self._read(shards):
            if len(pool) < self.buffer:
                pool.append(item)
                continue
            k = rng.randrange(self.buffer)
            item, pool[k] = pool[k], item
            yield self._prepare(*item, rng)
        rng.shuffle(pool)
        for item in pool:
            yield self._prepare(*item, rng)


def depthwise(i, o, stride=1):
    return nn.Sequential(
        nn.Conv2d(i, i, 3, stride, 1, groups=i, bias=False), nn.BatchNorm2d(i), nn.ReLU6(inplace=True),
        nn.Conv2d(i, o, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU6(inplace=True))


class TinyMobile(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU6(inplace=True))
        self.blocks = nn.Sequential(depthwise(32, 64), depthwise(64, 128, 2), depthwise(128, 128), depthwise(128, 256, 2), depthwise(256, 256))
        self.head = nn.Linear(256, classes)

    def forward(self, x):
        x = self.blocks(self.stem(x))
        return self.head(x.mean((2, 3)))


if __name__ == "__main__":
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(0)
    folder = os.environ.get("SHARDS", "shards")
    train_stream = ShardStream(folder + "/train-*.npz", train=True)
    train_loader = DataLoader(train_stream, batch_size=64, num_workers=2, drop_last=True)
    val_loader = DataLoader(ShardStream(folder + "/val-*.npz", train=False), batch_size=100, num_workers=2)

    net = TinyMobile(10).to(device)
    epochs = 80
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.02)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs)
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(epochs):
        train_stream.set_epoch(epoch)
        net.train()
        total = batches = 0
        for x, y in train_loader:
            x, y = x.to(device), y.to(device)
            opt.zero_grad()
            loss = loss_fn(net(x), y)
            loss.backward()
            opt.step()
            total += loss.item()
            batches += 1
        sched.step()
        net.eval()
        ok = n = 0
        with torch.no_grad():
            for x, y in val_loader:
                ok += (net(x.to(device)).argmax(1).cpu() == y).sum().item()
                n += len(y)
        print(f"epoch {epoch + 1}: loss {total / batches:.4f} val acc {ok / n:.4f} ({n} pictures)")
    torch.save(net.state_dict(), "shards_mobile.pt")
