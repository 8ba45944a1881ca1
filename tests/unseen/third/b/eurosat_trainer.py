"""Land-use classification on EuroSAT (RGB) with a fine-tuned EfficientNet-B0."""
from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR
from torch.utils.data import DataLoader, random_split
from torchvision.datasets import ImageFolder
from torchvision.models import EfficientNet_B0_Weights, efficientnet_b0
from torchvision.transforms import v2 as T

log = logging.getLogger("eurosat")


@dataclass(frozen=True)
class Config:
    root: Path = Path("/data/EuroSAT/2750")
    out: Path = Path("runs/eurosat")
    classes: int = 10
    image_size: int = 224
    batch_size: int = 64
    epochs: int = 12
    lr: float = 3e-4
    weight_decay: float = 1e-2
    val_share: float = 0.2
    seed: int = 3
    split_seed: int = 17
    workers: int = 8
    mean: tuple = field(default=(0.485, 0.456, 0.406))
    std: tuple = field(default=(0.229, 0.224, 0.225))


class EuroSatData:
    def __init__(self, cfg: Config):
        self.cfg = cfg
        tail = [T.ToImage(), T.ToDtype(torch.float32, scale=True), T.Normalize(cfg.mean, cfg.std)]
        size = (cfg.image_size, cfg.image_size)
        augmented = ImageFolder(
            cfg.root,
            T.Compose([T.Resize(size), T.RandomHorizontalFlip(), T.RandomVerticalFlip(), *tail]),
        )
        plain = ImageFolder(cfg.root, T.Compose([T.Resize(size), *tail]))
        if len(augmented.classes) != cfg.classes:
            raise ValueError(f"{cfg.root} holds {len(augmented.classes)} classes, expected {cfg.classes}")

        n_val = round(len(plain) * cfg.val_share)
        parts = [len(plain) - n_val, n_val]
        self.train, _ = random_split(augmented, parts, torch.Generator().manual_seed(cfg.seed))
        _, self.val = random_split(plain, parts, torch.Generator().manual_seed(cfg.split_seed))  # fault: C331

    def loader(self, subset, train: bool) -> DataLoader:
        return DataLoader(
            subset,
            batch_size=self.cfg.batch_size,
            shuffle=train,
            num_workers=self.cfg.workers,
            pin_memory=True,
            persistent_workers=True,
        )


class Trainer:
    def __init__(self, cfg: Config):
        self.cfg = cfg
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        net = efficientnet_b0(weights=EfficientNet_B0_Weights.IMAGENET1K_V1)
        net.classifier[1] = nn.Linear(net.classifier[1].in_features, cfg.classes)
        self.net = net.to(self.device)
        self.loss_fn = nn.CrossEntropyLoss()
        self.opt = torch.optim.AdamW(self.net.parameters(), lr=cfg.lr, weight_decay=cfg.weight_decay)
        self.sched = CosineAnnealingLR(self.opt, T_max=cfg.epochs)

    def _to(self, batch):
        return (t.to(self.device, non_blocking=True) for t in batch)

    def train_epoch(self, loader: DataLoader) -> None:
        self.net.train()
        for batch in loader:
            x, y = self._to(batch)
            self.opt.zero_grad(set_to_none=True)
            self.loss_fn(self.net(x), y).backward()
            self.opt.step()
        self.sched.step()

    @torch.inference_mode()
    def accuracy(self, loader: DataLoader) -> float:
        self.net.eval()
        right = torch.zeros((), dtype=torch.long, device=self.device)
        for batch in loader:
            x, y = self._to(batch)
            right += (self.net(x).argmax(dim=1) == y).sum()
        return right.item() / len(loader.dataset)

    def fit(self, data: EuroSatData) -> None:
        self.cfg.out.mkdir(parents=True, exist_ok=True)
        train_loader, val_loader = data.loader(data.train, True), data.loader(data.val, False)
        best = 0.0
        for epoch in range(1, self.cfg.epochs + 1):
            self.train_epoch(train_loader)
            acc = self.accuracy(val_loader)
            log.info("epoch %d/%d  val acc %.4f", epoch, self.cfg.epochs, acc)
            if acc > best:
                best = acc
                torch.save(self.net.state_dict(), self.cfg.out / "best.pt")
        log.info("best val acc %.4f", best)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    config = Config()
    torch.manual_seed(config.seed)
    Trainer(config).fit(EuroSatData(config))
