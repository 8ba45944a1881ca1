# %% imports
import argparse
import copy
import math
import os

import h5py
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from accelerate import Accelerator
from accelerate.utils import ProjectConfiguration, set_seed
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler


# %% data: images are stored as (n, height, width, channel) bytes
class H5Pictures(Dataset):
    MEAN = np.array([0.4914, 0.4822, 0.4465], dtype=np.float32)
    STD = np.array([0.2470, 0.2435, 0.2616], dtype=np.float32)

    def __init__(self, path, group, augment=False, pad=5):
        self.path, self.group, self.augment, self.pad = path, group, augment, pad
        self._file = None  # opened by whoever reads, so that workers do not share a handle
        with h5py.File(path, "r") as f:
            self.labels = f[group]["labels"][:]
            self.names = [n.decode() if isinstance(n, bytes) else n for n in f.attrs["classes"]]

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        if self._file is None:
            self._file = h5py.File(self.path, "r")
        img = self._file[self.group]["images"][i].astype(np.float32) / 255.0
        img = (img - self.MEAN) / self.STD
        x = torch.from_numpy(img.transpose(2, 0, 1).copy())
        if self.augment:
            h, w = x.shape[1:]
            x = F.pad(x, [self.pad] * 4)
            top, left = torch.randint(0, 2 * self.pad + 1, (2,)).tolist()
            x = x[:, top:top + h, left:left + w]
            if torch.rand(()) < 0.5:
                x = x.flip(-1)
        return x, int(self.labels[i])


def balanced(labels):
    counts = np.bincount(labels)
    weights = 1.0 / counts[labels]
    return WeightedRandomSampler(torch.as_tensor(weights), num_samples=len(labels), replacement=True)


# %% network
class Squeeze(nn.Module):
    def __init__(self, c, r=8):
        super().__init__()
        self.f = nn.Sequential(nn.Linear(c, c // r), nn.ReLU(), nn.Linear(c // r, c), nn.Sigmoid())

    def forward(self, x):
        return x * self.f(x.mean((2, 3)))[:, :, None, None]


class Stage(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.down = nn.Conv2d(cin, cout, 2, 2)
        self.mix = nn.Sequential(nn.GroupNorm(8, cout), nn.Conv2d(cout, cout, 3, padding=1), nn.GELU(),
                                 nn.Conv2d(cout, cout, 3, padding=1))
        self.se = Squeeze(cout)
        self.scale = nn.Parameter(torch.full((cout, 1, 1), 0.1))

    def forward(self, x):
        x = self.down(x)
        return x + self.scale * self.se(self.mix(x))


class SkyNet(nn.Module):
    def __init__(self, classes, widths=(48, 96, 144, 192)):
        super().__init__()
        self.stem = nn.Conv2d(3, widths[0], 3, padding=1)
        self.stages = nn.Sequential(*[Stage(a, b) for a, b in zip((widths[0],) + tuple(widths), widths)])
        self.norm = nn.LayerNorm(widths[-1])
        self.out = nn.Linear(widths[-1], classes)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x):
        return self.out(self.norm(self.stages(self.stem(x)).mean((2, 3))))


# %% exponential average of the weights; it is a registered object, so that save_state keeps it
class Average:
    def __init__(self, model, decay):
        self.model, self.decay, self.n = copy.deepcopy(model).eval().requires_grad_(False), decay, 0

    @torch.no_grad()
    def update(self, model):
        self.n += 1
        d = min(self.decay, self.n / (self.n + 10))
        for a, b in zip(self.model.parameters(), model.parameters()):
            a.mul_(d).add_(b, alpha=1 - d)

    def state_dict(self):
        return {"model": self.model.state_dict(), "n": self.n}

    def load_state_dict(self, s):
        self.model.load_state_dict(s["model"])
        self.n = s["n"]


class Progress:
    epoch = 0
    best = 0.0

    def state_dict(self):
        return {"epoch": self.epoch, "best": self.best}

    def load_state_dict(self, s):
        self.epoch, self.best = s["epoch"], s["best"]


@torch.no_grad()
def accuracy(accelerator, net, loader):
    net.eval()
    right = total = 0
    for x, y in loader:
        p, y = accelerator.gather_for_metrics((net(x).argmax(-1), y))
        right += int((p == y).sum())
        total += y.numel()
    return right / total


# %% training
def run(a):
    acc = Accelerator(gradient_accumulation_steps=a.accumulate, step_scheduler_with_optimizer=False,
                      project_config=ProjectConfiguration(project_dir=a.out, automatic_checkpoint_naming=False))
    set_seed(a.seed)
    train, val = H5Pictures(a.h5, "train", augment=True), H5Pictures(a.h5, "val")
    train_loader = DataLoader(train, a.batch, sampler=balanced(train.labels), num_workers=a.workers)
    val_loader = DataLoader(val, 100, num_workers=a.workers)

    net = SkyNet(len(train.names))
    decay = [p for p in net.parameters() if p.ndim > 1]
    rest = [p for p in net.parameters() if p.ndim == 1]
    scale = [s.scale for s in net.stages]
    decay = [p for p in decay if not any(p is s for s in scale)]
    opt = torch.optim.AdamW([dict(params=decay, weight_decay=a.decay), dict(params=rest + scale, weight_decay=0.0)], lr=a.lr)

    net, opt, train_loader, val_loader = acc.prepare(net, opt, train_loader, val_loader)
    updates = math.ceil(len(train_loader) / a.accumulate)
    total, warm = updates * a.epochs, 2 * updates
    sched = torch.optim.lr_scheduler.LambdaLR(
        opt.optimizer, lambda i: i / warm if i < warm else max(0.01, 0.5 + 0.5 * math.cos(math.pi * (i - warm) / (total - warm))))

    average, progress = Average(acc.unwrap_model(net), a.ema), Progress()
    acc.register_for_checkpointing(average, progress, sched)
    state_dir = os.path.join(a.out, "state")
    if a.resume and os.path.isdir(state_dir):
        acc.load_state(state_dir)
        acc.print(f"going on after epoch {progress.epoch}")

    while progress.epoch < a.epochs:
        net.train()
        sums = np.zeros(2)
        for x, y in train_loader:
            with acc.accumulate(net):
                loss = F.cross_entropy(net(x), y, reduction="sum") / len(y)
                acc.backward(loss)
                if acc.sync_gradients:
                    acc.clip_grad_norm_(net.parameters(), 1.0)
                opt.step()
                if acc.sync_gradients:
                    sched.step()
                    average.update(acc.unwrap_model(net))
                opt.zero_grad()
            sums += loss.item() * len(y), len(y)
        now, mean = accuracy(acc, net, val_loader), accuracy(acc, average.model, val_loader)
        progress.epoch += 1
        acc.print(f"[{progress.epoch:3d}] loss {sums[0] / sums[1]:.3f}  val {now:.3f}  averaged {mean:.3f}  lr {sched.get_last_lr()[0]:.5f}")
        acc.save_state(state_dir)
        if mean > progress.best:
            progress.best = mean
            acc.save(average.model.state_dict(), os.path.join(a.out, "averaged_best.pt"))


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--h5", default="photos48.h5")
    ap.add_argument("--out", default="sky_out")
    ap.add_argument("--epochs", type=int, default=60)
    ap.add_argument("--batch", type=int, default=32)
    ap.add_argument("--accumulate", type=int, default=4)
    ap.add_argument("--lr", type=float, default=2e-3)
    ap.add_argument("--decay", type=float, default=0.05)
    ap.add_argument("--ema", type=float, default=0.99)
    ap.add_argument("--workers", type=int, default=0)
    ap.add_argument("--seed", type=int, default=0)
    ap.add_argument("--resume", action="store_true")
    args = ap.parse_args()
    os.makedirs(args.out, exist_ok=True)
    run(args)
