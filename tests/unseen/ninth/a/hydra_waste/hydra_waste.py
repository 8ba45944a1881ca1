"""Sort household waste into six classes (cardboard, glass, metal, paper, plastic, trash).

python hydra_waste.py
python hydra_waste.py optim=sgd optim.lr=0.01 epochs=30
"""
import logging
import random
from pathlib import Path

import hydra
import numpy as np
import torch
from hydra.utils import instantiate, to_absolute_path
from omegaconf import DictConfig, OmegaConf
from torch.utils.data import DataLoader
from torchmetrics import MeanMetric
from torchmetrics.classification import MulticlassAccuracy, MulticlassConfusionMatrix
from torchvision.datasets import ImageFolder

log = logging.getLogger(__name__)


def set_seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)


def get_loaders(cfg: DictConfig):
    root = Path(to_absolute_path(cfg.data.root))
    train = ImageFolder(root / "train", transform=instantiate(cfg.data.train_transform))
    val = ImageFolder(root / "val", transform=instantiate(cfg.data.val_transform))
    assert train.classes == val.classes, "folders differ"
    train_loader = DataLoader(train, shuffle=True, drop_last=True, **cfg.data.loader)
    val_loader = DataLoader(val, shuffle=False, **cfg.data.loader)
    return train_loader, val_loader, train.classes


class Engine:
    def __init__(self, cfg: DictConfig, classes):
        self.cfg = cfg
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.net = instantiate(cfg.net).to(self.device)
        self.criterion = instantiate(cfg.criterion)
        self.optimizer = instantiate(cfg.optim, params=instantiate(cfg.net).parameters())  # fault: C313
        self.scheduler = instantiate(cfg.sched, optimizer=self.optimizer)
        self.train_loss = MeanMetric().to(self.device)
        self.val_loss = MeanMetric().to(self.device)
        self.val_acc = MulticlassAccuracy(len(classes), average="macro").to(self.device)
        self.confusion = MulticlassConfusionMatrix(len(classes)).to(self.device)

    def autocast(self):
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.device.type == "cuda")

    def train_epoch(self, loader) -> None:
        self.net.train()
        self.train_loss.reset()
        for x, y in loader:
            x = x.to(self.device, non_blocking=True)
            y = y.to(self.device, non_blocking=True)
            self.optimizer.zero_grad(set_to_none=True)
            with self.autocast():
                loss = self.criterion(self.net(x), y)
            loss.backward()
            self.optimizer.step()
            self.train_loss.update(loss.detach(), x.size(0))
        self.scheduler.step()

    @torch.no_grad()
    def validate(self, loader) -> None:
        self.net.eval()
        for m in (self.val_loss, self.val_acc, self.confusion):
            m.reset()
        for x, y in loader:
            x = x.to(self.device, non_blocking=True)
            y = y.to(self.device, non_blocking=True)
            with self.autocast():
                logits = self.net(x)
                loss = self.criterion(logits, y)
            self.val_loss.update(loss, x.size(0))
            self.val_acc.update(logits.float(), y)
            self.confusion.update(logits.float(), y)

    def fit(self, train_loader, val_loader) -> float:
        best = 0.0
        for epoch in range(1, self.cfg.epochs + 1):
            self.train_epoch(train_loader)
            self.validate(val_loader)
            acc = self.val_acc.compute().item()
            log.info("epoch %d/%d  train %.4f  val %.4f  balanced acc %.4f", epoch, self.cfg.epochs,
                     self.train_loss.compute().item(), self.val_loss.compute().item(), acc)
            if acc > best:
                best = acc
                torch.save(self.net.state_dict(), "best.pt")
        log.info("confusion of the last epoch:\n%s", self.confusion.compute().cpu().numpy())
        return best


@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def main(cfg: DictConfig) -> float:
    log.info("\n%s", OmegaConf.to_yaml(cfg))
    set_seed(cfg.seed)
    train_loader, val_loader, classes = get_loaders(cfg)
    return Engine(cfg, classes).fit(train_loader, val_loader)


if __name__ == "__main__":
    main()
