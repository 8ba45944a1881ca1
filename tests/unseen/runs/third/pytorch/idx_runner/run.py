"""Clothes classifier with a trainer class; reads gzipped idx files itself."""
import argparse
import gzip
import json
import struct
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


@dataclass
class Config:
    root: str = "idx"
    out: str = "runs/idx_runner"
    epochs: int = 40
    batch_size: int = 64
    lr: float = 0.05
    momentum: float = 0.9
    weight_decay: float = 5e-4
    widths: list = field(default_factory=lambda: [32, 64, 128])
    dropout: float = 0.3
    eval_every: int = 20
    seed: int = 5


def read_idx(path):
    with gzip.open(path, "rb") as f:
        _, kind, ndim = struct.unpack(">HBB", f.read(4))
        assert kind == 8, "unsigned bytes expected"
        shape = struct.unpack(">" + "I" * ndim, f.read(4 * ndim))
        return np.frombuffer(f.read(), dtype=np.uint8).reshape(shape).copy()


class Clothes(Dataset):
    MEAN, STD = 0.2860, 0.3530

    def __init__(self, root, split, augment=False):
        self.images = torch.from_numpy(read_idx(Path(root) / f"{split}-images.gz"))
        self.labels = torch.from_numpy(read_idx(Path(root) / f"{split}-labels.gz")).long()
        assert len(self.images) == len(self.labels)
        self.augment = augment

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        x = (self.images[i].float() / 255 - self.MEAN) / self.STD
        x = nn.functional.pad(x[None], (2, 2, 2, 2), value=-self.MEAN / self.STD)
        if self.augment:
            if torch.rand(()) < 0.5:
                x = x.flip(-1)
            dy, dx = torch.randint(-2, 3, (2,)).tolist()
            x = torch.roll(x, (dy, dx), dims=(1, 2))
        return x, self.labels[i]


class ConvNet(nn.Module):
    def __init__(self, widths, dropout, classes=10):
        super().__init__()
        layers, cin = [], 1
        for w in widths:
            layers += [
                nn.Conv2d(cin, w, 3, padding=1, bias=False), nn.BatchNorm2d(w), nn.ReLU(inplace=True),
                nn.Conv2d(w, w, 3, padding=1, bias=False), nn.BatchNorm2d(w), nn.ReLU(inplace=True),
                nn.MaxPool2d(2),
            ]
            cin = w
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout), nn.Linear(cin, classes))

    def forward(self, x):
        return self.classifier(self.features(x))


class Trainer:
    def __init__(self, cfg):
        self.cfg = cfg
        torch.manual_seed(cfg.seed)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.out = Path(cfg.out)
        self.out.mkdir(parents=True, exist_ok=True)
        (self.out / "config.json").write_text(json.dumps(asdict(cfg), indent=2))

        self.train_loader = DataLoader(Clothes(cfg.root, "train", augment=True), cfg.batch_size, shuffle=True, drop_last=True)
        self.test_loader = DataLoader(Clothes(cfg.root, "test"), 200)
        self.model = ConvNet(cfg.widths, cfg.dropout).to(self.device)
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=cfg.lr, momentum=cfg.momentum,
                                         weight_decay=cfg.weight_decay, nesterov=True)
        self.scheduler = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, max_lr=cfg.lr, total_steps=cfg.epochs * len(self.train_loader), pct_start=0.1,
            cycle_momentum=False)
        self.step, self.best = 0, 0.0
        self.history = []

    def train_step(self, x, y):
        x, y = x.to(self.device), y.to(self.device)
        self.optimizer.zero_grad()
        logits = self.model(x)
        loss = self.criterion(logits, y)
        loss.backward()
        self.optimizer.step()
        self.scheduler.step()
        self.step += 1
        return loss.item(), (logits.argmax(1) == y).sum().item()

    def train_epoch(self, epoch):
        self.model.train()
        start, seen, loss_sum, hits = time.time(), 0, 0.0, 0
        for x, y in self.train_loader:
            loss, right = self.train_step(x, y)
            seen, loss_sum, hits = seen + len(y), loss_sum + loss * len(y), hits + right
            if self.step % self.cfg.eval_every == 0:
                val_loss, val_acc = self.evaluate()
                self.record(epoch, loss_sum / seen, hits / seen, val_loss, val_acc)
        print(f"epoch {epoch} done in {time.time() - start:.0f} s: loss {loss_sum / seen:.3f}, acc {hits / seen:.3f}", flush=True)

    @torch.no_grad()
    def evaluate(self):
        self.model.eval()
        seen, loss_sum, hits = 0, 0.0, 0
        for x, y in self.test_loader:
            x, y = x.to(self.device), y.to(self.device)
            logits = self.model(x)
            loss_sum += nn.functional.cross_entropy(logits, y, reduction="sum").item()
            hits += (logits.argmax(1) == y).sum().item()
            seen += len(y)
        return loss_sum / seen, hits / seen

    def record(self, epoch, loss, acc, val_loss, val_acc):
        row = dict(step=self.step, epoch=epoch, lr=self.scheduler.get_last_lr()[0], loss=loss, acc=acc,
                   val_loss=val_loss, val_acc=val_acc)
        self.history.append(row)
        (self.out / "history.json").write_text(json.dumps(self.history))
        print("step {step} lr {lr:.4f} train {loss:.3f}/{acc:.3f} test {val_loss:.3f}/{val_acc:.3f}".format(**row), flush=True)
        if val_acc > self.best:
            self.best = val_acc
            torch.save(self.model.state_dict(), self.out / "best.pt")

    def fit(self):
        print(f"{sum(p.numel() for p in self.model.parameters())} parameters, {len(self.train_loader)} steps per epoch")
        for epoch in range(1, self.cfg.epochs + 1):
            self.train_epoch(epoch)
        print(f"best test accuracy {self.best:.3f}")


if __name__ == "__main__":
    defaults = Config()
    ap = argparse.ArgumentParser()
    for name in ("root", "out", "epochs", "batch_size", "lr", "eval_every", "seed"):
        value = getattr(defaults, name)
        ap.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    Trainer(Config(**vars(ap.parse_args()))).fit()
