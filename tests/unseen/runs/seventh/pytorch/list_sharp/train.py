import contextlib
import os
import sys

import torch
from torch import nn
from torchvision.io import decode_image
from torch.utils.data import DataLoader, Dataset

from sam import SAM


class Listing(Dataset):
    def __init__(self, root, name, flip):
        self.root, self.flip = root, flip
        self.rows = [r.rsplit(" ", 1) for r in open(os.path.join(root, name)).read().splitlines()]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        x = decode_image(os.path.join(self.root, self.rows[i][0]))
        return x.flip(2) if self.flip and torch.rand(()) < 0.5 else x, int(self.rows[i][1])


def collate(items):
    """bytes -> floats once for the batch"""
    x = torch.stack([x for x, _ in items]).float().mul_(1 / 255)
    return x.sub_(0.48).mul_(4.0), torch.tensor([y for _, y in items])


@contextlib.contextmanager
def statistics_still(net):
    """the second pass of a step is at other weights: it shall not count in the running statistics"""
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    kept = [m.momentum for m in norms]
    for m in norms:
        m.momentum = 0.0
    yield
    for m, k in zip(norms, kept):
        m.momentum = k


def layer(i, o, s):
    return nn.Sequential(nn.Conv2d(i, o, 3, s, 1, bias=False), nn.BatchNorm2d(o), nn.ELU())


def main(epochs=40, batch=36, lr=0.03):
    torch.manual_seed(23)
    train = DataLoader(Listing("lists", "train.txt", True), batch, shuffle=True, collate_fn=collate, drop_last=True)
    val = DataLoader(Listing("lists", "val.txt", False), 100, collate_fn=collate)
    net = nn.Sequential(layer(3, 32, 1), layer(32, 48, 2), layer(48, 64, 2), layer(64, 96, 2),
                        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.1), nn.Linear(96, 10))
    optimizer = SAM(net.parameters(), torch.optim.SGD, rho=0.05, lr=lr, momentum=0.9, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer.base, epochs)
    for epoch in range(epochs):
        net.train()
        total = 0.0
        for x, y in train:
            passes = 0

            def closure():
                nonlocal passes
                passes += 1
                with statistics_still(net) if passes > 1 else contextlib.nullcontext():
                    loss = nn.functional.cross_entropy(net(x), y)
                loss.backward()
                return loss.detach()

            total += optimizer.step(closure).item()
        schedule.step()
        net.eval()
        with torch.no_grad():
            right = sum((net(x).argmax(1) == y).sum().item() for x, y in val)
        print(f"epoch {epoch} loss {total / len(train):.4f} val {right / len(val.dataset):.4f}", flush=True)


if __name__ == "__main__":
    main(**{k: float(v) if k == "lr" else int(v) for k, v in (a.split("=") for a in sys.argv[1:])})
