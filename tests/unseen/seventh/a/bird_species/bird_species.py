"""EfficientNet on the 525 bird species, with checkpoints that survive the cluster's 4 h limit.

    python bird_species.py config.yaml
    python bird_species.py config.yaml runs/b0/last.pt      # go on
"""
from __future__ import annotations

import logging
import sys
from pathlib import Path

import torch
import yaml
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.models import EfficientNet_B0_Weights, efficientnet_b0
from torchvision.transforms import v2

log = logging.getLogger("birds")


class BirdTrainer:
    def __init__(self, cfg: dict):
        self.cfg = cfg
        self.device = torch.device(cfg["device"])
        self.run_dir = Path(cfg["run_dir"])
        self.run_dir.mkdir(parents=True, exist_ok=True)
        self.first_epoch = 0
        self.best_top1 = 0.0

        torch.manual_seed(cfg["seed"])
        self._build_data()
        self._build_model()

    def _build_data(self):
        d = self.cfg["data"]
        finish = [
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(mean=d["mean"], std=d["std"]),
        ]
        tf_train = v2.Compose([
            v2.RandomResizedCrop(d["size"], scale=(0.4, 1.0), antialias=True),
            v2.RandomHorizontalFlip(),
            v2.ColorJitter(0.2, 0.2, 0.2),
            *finish,
        ])
        tf_valid = v2.Compose([v2.Resize(d["size"] + 32, antialias=True), v2.CenterCrop(d["size"]), *finish])

        root = Path(d["root"])
        self.train_set = ImageFolder(root / "train", tf_train)
        self.valid_set = ImageFolder(root / "valid", tf_valid)
        assert self.train_set.class_to_idx == self.valid_set.class_to_idx
        assert len(self.train_set.classes) == self.cfg["num_classes"]
        self.train_loader = DataLoader(
            self.train_set, batch_size=d["batch_size"], shuffle=True, drop_last=True,
            num_workers=d["workers"], pin_memory=True, persistent_workers=True,
        )
        self.valid_loader = DataLoader(
            self.valid_set, batch_size=d["batch_size"] * 2, num_workers=d["workers"], pin_memory=True,
        )

    def _build_model(self):
        o = self.cfg["optim"]
        self.net = efficientnet_b0(weights=EfficientNet_B0_Weights.IMAGENET1K_V1)
        self.net.classifier[1] = nn.Linear(1280, self.cfg["num_classes"])
        self.net.to(self.device)
        self.criterion = nn.CrossEntropyLoss()
        self.opt = torch.optim.SGD(
            self.net.parameters(), lr=o["lr"], momentum=o["momentum"], weight_decay=o["weight_decay"],
        )
        self.sched = torch.optim.lr_scheduler.CosineAnnealingLR(self.opt, T_max=self.cfg["epochs"])

    # -- checkpoints -------------------------------------------------------
    def save(self, name: str, epoch: int):
        torch.save(
            {
                "net": self.net.state_dict(),
                "opt": self.opt.state_dict(),
                "sched": self.sched.state_dict(),
                "epoch": epoch,
                "best_top1": self.best_top1,
            },
            self.run_dir / name,
        )

    def load(self, path: str):
        ck = torch.load(path, map_location=self.device)
        self.net.load_state_dict(ck["net"])  # fault: C333
        self.first_epoch = ck["epoch"] + 1
        self.best_top1 = ck["best_top1"]
        log.info("going on with epoch %d (best so far %.4f)", self.first_epoch, self.best_top1)

    # -- the work ----------------------------------------------------------
    def train_epoch(self) -> float:
        self.net.train()
        running = 0.0
        count = 0
        for images, labels in self.train_loader:
            images = images.to(self.device, non_blocking=True)
            labels = labels.to(self.device, non_blocking=True)
            loss = self.criterion(self.net(images), labels)
            self.opt.zero_grad(set_to_none=True)
            loss.backward()
            self.opt.step()
            running += loss.item() * images.size(0)
            count += images.size(0)
        return running / count

    @torch.inference_mode()
    def validate(self) -> float:
        self.net.eval()
        hits = 0
        for images, labels in self.valid_loader:
            out = self.net(images.to(self.device, non_blocking=True))
            hits += (out.argmax(dim=1).cpu() == labels).sum().item()
        return hits / len(self.valid_set)

    def fit(self):
        for epoch in range(self.first_epoch, self.cfg["epochs"]):
            train_loss = self.train_epoch()
            self.sched.step()
            top1 = self.validate()
            log.info("epoch %3d  train %.4f  valid top1 %.4f  lr %.2e",
                     epoch, train_loss, top1, self.opt.param_groups[0]["lr"])
            if top1 > self.best_top1:
                self.best_top1 = top1
                self.save("best.pt", epoch)
            self.save("last.pt", epoch)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    with open(sys.argv[1]) as f:
        trainer = BirdTrainer(yaml.safe_load(f))
    if len(sys.argv) > 2:
        trainer.load(sys.argv[2])
    trainer.fit()
