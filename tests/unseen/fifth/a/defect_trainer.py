"""Surface defects on steel strip, six classes, grey 200x200 pictures.

The trainer is shared by several lines of the plant; only Settings differ.
"""
from __future__ import annotations

import csv
import logging
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

logger = logging.getLogger(__name__)
CLASSES = ("crazing", "inclusion", "patches", "pitted", "rolled", "scratches")


@dataclass
class Settings:
    root: Path = Path("/data/strip")
    batch_size: int = 64
    epochs: int = 60
    lr: float = 1e-3
    weight_decay: float = 1e-3
    clip: float = 1.0
    workers: int = 6
    seed: int = 77
    device: torch.device = field(default_factory=lambda: torch.device("cuda"))


class StripPictures(Dataset):
    """index_<part>.csv: file,class name"""

    def __init__(self, root: Path, part: str, train: bool) -> None:
        with open(root / f"index_{part}.csv", newline="") as f:
            self.rows = [(root / name, CLASSES.index(label)) for name, label in csv.reader(f)]
        self.train = train

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, i: int):
        path, label = self.rows[i]
        img = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        img = cv2.resize(img, (200, 200), interpolation=cv2.INTER_AREA)
        if self.train:
            flips = torch.rand(2)
            if flips[0] < 0.5:
                img = img[:, ::-1]
            if flips[1] < 0.5:
                img = img[::-1]
        x = torch.from_numpy(np.ascontiguousarray(img)).float().div_(255.0).unsqueeze(0)
        return (x - 0.5) / 0.25, label


class Residual(nn.Module):
    def __init__(self, cin: int, cout: int, stride: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout), nn.ReLU(inplace=True),
            nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout),
        )
        self.skip = nn.Identity() if stride == 1 and cin == cout else nn.Sequential(
            nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        return torch.relu(self.main(x) + self.skip(x))


class StripNet(nn.Module):
    def __init__(self, classes: int = len(CLASSES)) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 32, 5, 2, 2, bias=False), nn.BatchNorm2d(32), nn.ReLU(inplace=True))
        self.body = nn.Sequential(Residual(32, 32, 1), Residual(32, 64, 2), Residual(64, 64, 1),
                                  Residual(64, 128, 2), Residual(128, 128, 1), Residual(128, 256, 2))
        self.fc = nn.Linear(256, classes)

    def forward(self, x):
        return self.fc(self.body(self.stem(x)).mean((2, 3)))


class Trainer:
    def __init__(self, s: Settings) -> None:
        self.s = s
        kw = dict(batch_size=s.batch_size, num_workers=s.workers, pin_memory=True)
        self.train_dl = DataLoader(StripPictures(s.root, "train", True), shuffle=True, drop_last=True, **kw)
        self.val_dl = DataLoader(StripPictures(s.root, "val", False), shuffle=False, **kw)
        self.net = StripNet().to(s.device)
        self.opt = torch.optim.AdamW(self.net.parameters(), lr=s.lr, weight_decay=s.weight_decay)
        self.sched = torch.optim.lr_scheduler.CosineAnnealingLR(self.opt, T_max=s.epochs)
        self.scaler = torch.amp.GradScaler("cuda")
        self.loss = nn.CrossEntropyLoss()

    def _step(self, x, y):
        self.opt.zero_grad(set_to_none=True)
        with torch.autocast("cuda", dtype=torch.float16):
            loss = self.loss(self.net(x), y)
        self.scaler.scale(loss).backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), self.s.clip)  # fault: C343
        self.scaler.step(self.opt)
        self.scaler.update()
        return loss.detach()

    def _train(self) -> float:
        self.net.train()
        total = torch.zeros((), device=self.s.device)
        for x, y in self.train_dl:
            total += self._step(x.to(self.s.device, non_blocking=True), y.to(self.s.device, non_blocking=True))
        self.sched.step()
        return (total / len(self.train_dl)).item()

    @torch.inference_mode()
    def _validate(self) -> float:
        self.net.eval()
        hits = torch.zeros((), device=self.s.device)
        n = 0
        for x, y in self.val_dl:
            hits += (self.net(x.to(self.s.device)).argmax(1) == y.to(self.s.device)).sum()
            n += y.numel()
        return (hits / n).item()

    def run(self, target: Path) -> None:
        best = 0.0
        for epoch in range(self.s.epochs):
            loss, acc = self._train(), self._validate()
            logger.info("epoch %d loss %.4f val %.4f", epoch, loss, acc)
            if acc > best:
                best = acc
                torch.save(self.net.state_dict(), target)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    settings = Settings()
    torch.manual_seed(settings.seed)
    Trainer(settings).run(Path("strip.pt"))
