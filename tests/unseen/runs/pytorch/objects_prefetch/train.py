#!/usr/bin/env python
"""Objects in 32x32 arrays (.npz).  Small network, everything in memory, batches moved to the device ahead of time."""
import click
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset


def read_split(path, split):
    with np.load(path) as z:
        x = z[f"x_{split}"].astype(np.float32) / 255.0
        y = z[f"y_{split}"].astype(np.int64)
    return TensorDataset(torch.from_numpy(x.transpose(0, 3, 1, 2).copy()), torch.from_numpy(y))


class Prefetcher:
    """Moves the next batch while the network works on this one; the last step of preparation is done on the device."""

    def __init__(self, loader, device, augment=False):
        self.loader = loader
        self.device = device
        self.augment = augment

    def __len__(self):
        return len(self.loader)

    def prepare(self, x):
        x = x.to(self.device, non_blocking=True).float().div_(255)
        if self.augment:
            flip = torch.rand(len(x), device=x.device) < 0.5
            x = torch.where(flip[:, None, None, None], x.flip(3), x)
            dy, dx = torch.randint(0, 9, (2,)).tolist()
            x = F.pad(x, (4, 4, 4, 4))[:, :, dy:dy + 32, dx:dx + 32]
        return x

    def __iter__(self):
        waiting = None
        for x, y in self.loader:
            batch = self.prepare(x), y.to(self.device, non_blocking=True)
            if waiting is not None:
                yield waiting
            waiting = batch
        if waiting is not None:
            yield waiting


class Net(nn.Module):
    def __init__(self, classes=10, width=64):
        super().__init__()
        def unit(i, o):
            return nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.ReLU(), nn.Conv2d(o, o, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.body = nn.Sequential(unit(3, width), unit(width, 2 * width), unit(2 * width, 4 * width))
        self.head = nn.Sequential(nn.Flatten(), nn.Dropout(0.4), nn.Linear(4 * width * 16, classes))

    def forward(self, x):
        return self.head(self.body(x))


@click.command()
@click.option("--data", default="objects.npz", show_default=True)
@click.option("--epochs", default=50, show_default=True)
@click.option("--batch-size", default=64, show_default=True)
@click.option("--lr", default=1e-3, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(data, epochs, batch_size, lr, seed):
    torch.manual_seed(seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train = Prefetcher(DataLoader(read_split(data, "train"), batch_size, shuffle=True, drop_last=True), device, augment=True)
    valid = Prefetcher(DataLoader(read_split(data, "val"), 2 * batch_size), device)
    net = Net().to(device)
    optimizer = torch.optim.AdamW(net.parameters(), lr=lr, weight_decay=0.01)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for epoch in range(1, epochs + 1):
        net.train()
        total = 0.0
        for x, y in train:
            loss = F.cross_entropy(net(x), y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.item()
        scheduler.step()
        net.eval()
        right = count = 0
        with torch.no_grad():
            for x, y in valid:
                right += (net(x).argmax(1) == y).sum().item()
                count += len(y)
        click.echo(f"{epoch:3d}  loss {total / len(train):.4f}  val {right / count:.4f}")


if __name__ == "__main__":
    main()
