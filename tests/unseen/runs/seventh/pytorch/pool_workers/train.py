import argparse

import torch
import torch.nn as nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader

from pool import Pool


class Fire(nn.Module):
    def __init__(self, i, squeeze, expand):
        super().__init__()
        self.s = nn.Sequential(nn.Conv2d(i, squeeze, 1, bias=False), nn.BatchNorm2d(squeeze), nn.SiLU())
        self.a, self.b = nn.Conv2d(squeeze, expand, 1, bias=False), nn.Conv2d(squeeze, expand, 3, padding=1, bias=False)
        self.n = nn.BatchNorm2d(2 * expand)

    def forward(self, x):
        x = self.s(x)
        return nn.functional.silu(self.n(torch.cat([self.a(x), self.b(x)], 1)))


def build(classes):
    return nn.Sequential(nn.Conv2d(3, 48, 3, padding=1), nn.SiLU(), nn.MaxPool2d(2), Fire(48, 24, 40), Fire(80, 24, 40), nn.MaxPool2d(2),
                         Fire(80, 32, 64), Fire(128, 32, 64), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, classes))


def accuracy(model, loader):
    model.eval()
    right = 0
    with torch.no_grad():
        for x, y in loader:
            right += (model(x).argmax(1) == y).sum().item()
    return right / len(loader.dataset)


def main(root: str, epochs: int, workers: int, lr: float, seed: int):
    torch.manual_seed(seed)
    train, val = Pool(root, "train.lst", seed), Pool(root, "val.lst")
    assert train.classes == val.classes
    train_loader = DataLoader(train, 36, shuffle=True, drop_last=True, num_workers=workers, persistent_workers=workers > 0, prefetch_factor=4 if workers else None)
    val_loader = DataLoader(val, 100)

    model = build(len(train.classes))
    ema = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.98), use_buffers=True)
    opt = torch.optim.Adam(model.parameters(), lr=lr, betas=(0.9, 0.99))
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, lr, epochs=epochs, steps_per_epoch=len(train_loader))
    for epoch in range(epochs):
        train.set_epoch(epoch)
        model.train()
        total = 0.0
        for x, y in train_loader:
            opt.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            opt.step()
            sched.step()
            ema.update_parameters(model)
            total += loss.item()
        print(f"epoch {epoch:3d} loss {total / len(train_loader):.3f} val {accuracy(model, val_loader):.3f} ema {accuracy(ema, val_loader):.3f}", flush=True)


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    for name, default in dict(root="pool", epochs=70, workers=2, lr=4e-3, seed=31).items():
        ap.add_argument("--" + name, type=type(default), default=default)
    main(**vars(ap.parse_args()))
