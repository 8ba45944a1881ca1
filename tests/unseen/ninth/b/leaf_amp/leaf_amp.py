import random
import sys

import numpy as np
import timm
import torch
import torch.nn as nn
import yaml
from tqdm import tqdm

from data import make_loaders


class Trainer:
    def __init__(self, cfg):
        self.cfg = cfg
        t = cfg["train"]
        self.device = torch.device("cuda")
        self.train_dl, self.valid_dl = make_loaders(cfg)
        self.model = timm.create_model(
            cfg["model"]["name"],
            pretrained=True,
            num_classes=cfg["model"]["classes"],
            drop_rate=cfg["model"]["drop_rate"],
        ).to(self.device)
        self.criterion = nn.CrossEntropyLoss().to(self.device)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=t["lr"], weight_decay=t["weight_decay"])
        self.scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(
            self.optimizer, T_max=t["epochs"] * len(self.train_dl), eta_min=1e-6)
        self.scaler = torch.cuda.amp.GradScaler()
        self.best = 0.0

    def train_epoch(self, epoch):
        self.model.train()
        losses = []
        for images, labels in tqdm(self.train_dl, desc=f"train {epoch}", leave=False):
            images = images.to(self.device, non_blocking=True)
            labels = labels.to(self.device, non_blocking=True)
            self.optimizer.zero_grad(set_to_none=True)
            with torch.cuda.amp.autocast():
                loss = self.criterion(self.model(images), labels)
            self.scaler.scale(loss).backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), self.cfg["train"]["max_norm"])  # fault: C343
            self.scaler.step(self.optimizer)
            self.scaler.update()
            self.scheduler.step()
            losses.append(loss.detach())
        return torch.stack(losses).mean().item()

    @torch.no_grad()
    def valid_epoch(self):
        self.model.eval()
        preds, targets = [], []
        for images, labels in self.valid_dl:
            with torch.cuda.amp.autocast():
                out = self.model(images.to(self.device, non_blocking=True))
            preds.append(out.argmax(dim=1))
            targets.append(labels)
        preds = torch.cat(preds).cpu().numpy()
        targets = torch.cat(targets).numpy()
        return float(np.mean(preds == targets))

    def fit(self):
        for epoch in range(self.cfg["train"]["epochs"]):
            loss = self.train_epoch(epoch)
            acc = self.valid_epoch()
            print(f"epoch {epoch}: loss {loss:.5f}, valid accuracy {acc:.5f}")
            if acc > self.best:
                self.best = acc
                torch.save(self.model.state_dict(), f"leaf_fold{self.cfg['data']['fold']}.pth")


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else "config.yaml"
    with open(path) as f:
        cfg = yaml.safe_load(f)
    seed = cfg["train"]["seed"]
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    Trainer(cfg).fit()


if __name__ == "__main__":
    main()
