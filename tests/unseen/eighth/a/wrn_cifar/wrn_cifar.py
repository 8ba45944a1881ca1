from __future__ import annotations

import argparse
import logging
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Subset
from torchvision.datasets import CIFAR100
from torchvision.transforms import Compose, Normalize, RandomCrop, RandomHorizontalFlip, ToTensor

from nets import WideNet

log = logging.getLogger("wrn")


@dataclass
class Settings:
    data_root: str = "./cifar"
    ckpt_dir: str = "./ckpt"
    epochs: int = 200
    batch: int = 128
    lr: float = 0.1
    momentum: float = 0.9
    wd: float = 5e-4
    drops: tuple[int, ...] = (60, 120, 160)
    drop_factor: float = 0.2
    seed: int = 2021
    held_out: int = 5000


class Trainer:
    def __init__(self, cfg: Settings, device: torch.device):
        self.cfg, self.device = cfg, device
        self.net = WideNet(depth=16, k=4, classes=100).to(device)
        self.optimizer = optim.SGD(self.net.parameters(), lr=cfg.lr, momentum=cfg.momentum,
                                   weight_decay=cfg.wd, nesterov=True)
        self.scheduler = optim.lr_scheduler.MultiStepLR(self.optimizer, list(cfg.drops), cfg.drop_factor)
        self.criterion = nn.CrossEntropyLoss()
        self.first_epoch, self.top = 0, 0.0
        self._loaders()

    def _loaders(self):
        stat = Normalize((0.5071, 0.4865, 0.4409), (0.2673, 0.2564, 0.2762))
        rich = Compose([RandomCrop(32, padding=4), RandomHorizontalFlip(), ToTensor(), stat])
        bare = Compose([ToTensor(), stat])
        c = self.cfg
        order = torch.randperm(50000, generator=torch.Generator().manual_seed(c.seed)).tolist()
        a = CIFAR100(c.data_root, train=True, transform=rich, download=True)
        b = CIFAR100(c.data_root, train=True, transform=bare)
        t = CIFAR100(c.data_root, train=False, transform=bare)
        common = dict(batch_size=c.batch, num_workers=4, pin_memory=True)
        self.train_dl = DataLoader(Subset(a, order[c.held_out:]), shuffle=True, **common)
        self.val_dl = DataLoader(Subset(b, order[:c.held_out]), **common)
        self.test_dl = DataLoader(t, **common)

    def snapshot(self, name: str, epoch: int):
        folder = Path(self.cfg.ckpt_dir)
        folder.mkdir(exist_ok=True, parents=True)
        torch.save(dict(net=self.net.state_dict(), optimizer=self.optimizer.state_dict(),
                        scheduler=self.scheduler.state_dict(), epoch=epoch, top=self.top), folder / name)

    def restore(self, file: str):
        blob = torch.load(file, map_location=self.device)
        self.net.load_state_dict(blob["net"])  # fault: C333
        self.first_epoch = blob["epoch"] + 1
        self.top = blob["top"]
        log.info("continuing %s at epoch %d", file, self.first_epoch)

    def one_epoch(self):
        self.net.train()
        acc = 0.0
        for images, target in self.train_dl:
            images, target = images.to(self.device), target.to(self.device)
            self.optimizer.zero_grad()
            loss = self.criterion(self.net(images), target)
            loss.backward()
            self.optimizer.step()
            acc += loss.item()
        self.scheduler.step()
        return acc / len(self.train_dl)

    @torch.no_grad()
    def accuracy(self, loader) -> float:
        self.net.eval()
        ok = 0
        for images, target in loader:
            ok += self.net(images.to(self.device)).argmax(-1).eq(target.to(self.device)).sum().item()
        return ok / len(loader.dataset)

    def fit(self):
        for epoch in range(self.first_epoch, self.cfg.epochs):
            lr_now = self.optimizer.param_groups[0]["lr"]
            mean_loss = self.one_epoch()
            val = self.accuracy(self.val_dl)
            log.info("%3d lr %.4f loss %.4f val %.4f", epoch, lr_now, mean_loss, val)
            if val > self.top:
                self.top = val
                self.snapshot("top.pt", epoch)
            self.snapshot("last.pt", epoch)

    def final_report(self):
        best = torch.load(Path(self.cfg.ckpt_dir) / "top.pt", map_location=self.device)
        self.net.load_state_dict(best["net"])
        log.info("test accuracy of epoch %d: %.4f", best["epoch"], self.accuracy(self.test_dl))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    p = argparse.ArgumentParser()
    p.add_argument("--continue", dest="cont", default=None, help="last.pt of an interrupted run")
    p.add_argument("--data-root", default=Settings.data_root)
    ns = p.parse_args()
    cfg = Settings(data_root=ns.data_root)
    torch.manual_seed(cfg.seed)
    trainer = Trainer(cfg, torch.device("cuda"))
    if ns.cont:
        trainer.restore(ns.cont)
    trainer.fit()
    trainer.final_report()
