import json
import logging
from pathlib import Path

import torch
import torch.nn as nn

logger = logging.getLogger(__name__)


class Runner:
    def __init__(self, cfg, model, optimizer, scheduler, train_loader, val_loader):
        self.cfg = cfg
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = model.to(self.device)
        self.optimizer, self.scheduler = optimizer, scheduler
        self.train_loader, self.val_loader = train_loader, val_loader
        self.criterion = nn.CrossEntropyLoss()
        self.work_dir = Path(cfg["work_dir"])
        self.work_dir.mkdir(parents=True, exist_ok=True)
        self.best = 0.0

    def fit(self):
        for epoch in range(1, self.cfg["epochs"] + 1):
            train = self.train_epoch(epoch)
            val = self.evaluate()
            logger.info("epoch %d train %.4f val %.4f acc %.4f", epoch, train, val["loss"], val["acc"])
            with open(self.work_dir / "log.jsonl", "a") as f:
                f.write(json.dumps({"epoch": epoch, "train_loss": train, **val}) + "\n")
            if val["acc"] > self.best:
                self.best = val["acc"]
                torch.save(self.model.state_dict(), self.work_dir / "best.pth")

    def train_epoch(self, epoch):
        self.model.train()
        total, seen = 0.0, 0
        for step, (images, labels) in enumerate(self.train_loader):
            images, labels = images.to(self.device), labels.to(self.device)
            loss = self.criterion(self.model(images), labels)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            self.scheduler.step()
            total += loss.item() * len(labels)
            seen += len(labels)
            if step % self.cfg["log_interval"] == 0:
                lrs = [f"{g['lr']:.2e}" for g in self.optimizer.param_groups]
                logger.info("epoch %d %d/%d loss %.4f lr %s", epoch, step, len(self.train_loader), total / seen, lrs)
        return total / seen

    @torch.inference_mode()
    def evaluate(self):
        self.model.eval()
        total, hits, seen = 0.0, 0, 0
        for images, labels in self.val_loader:
            images, labels = images.to(self.device), labels.to(self.device)
            logits = self.model(images)
            total += self.criterion(logits, labels).item() * len(labels)
            hits += (logits.argmax(dim=1) == labels).sum().item()
            seen += len(labels)
        return {"loss": total / seen, "acc": hits / seen}
