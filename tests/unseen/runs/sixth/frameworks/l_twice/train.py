"""A small network with squeeze-and-excitation trained from scratch (Lightning)."""
import argparse

import lightning as L
import torch
import torch.nn.functional as F
from torch import nn

from data import MEAN, STD, TableData


class Gate(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.down, self.up = nn.Conv2d(c, c // 8, 1), nn.Conv2d(c // 8, c, 1)

    def forward(self, x):
        g = self.up(F.relu(self.down(x.mean((2, 3), keepdim=True))))
        return x * g.sigmoid()


def stage(a, b):
    return nn.Sequential(
        nn.Conv2d(a, b, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU(inplace=True),
        nn.Conv2d(b, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU(inplace=True), Gate(b))


class SmallNet(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1))
        self.body = nn.Sequential(stage(3, 32), stage(32, 64), stage(64, 96), stage(96, 128))
        self.head = nn.Linear(128, classes)

    def forward(self, x):
        x = (x - self.mean) / self.std
        return self.head(self.body(x).mean((2, 3)))


class Task(L.LightningModule):
    def __init__(self, lr):
        super().__init__()
        self.lr = lr
        self.net = SmallNet()

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = F.cross_entropy(self.net(x), y)
        self.log("train_loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        z = self.net(x)
        self.log_dict({"val_loss": F.cross_entropy(z, y), "val_acc": (z.argmax(1) == y).float().mean()},
                      prog_bar=True, batch_size=len(y))

    def configure_optimizers(self):
        decay = [p for p in self.parameters() if p.ndim > 1]
        rest = [p for p in self.parameters() if p.ndim <= 1]
        opt = torch.optim.AdamW([{"params": decay, "weight_decay": 0.02}, {"params": rest, "weight_decay": 0.0}], lr=self.lr)
        total = self.trainer.estimated_stepping_batches
        sched = torch.optim.lr_scheduler.OneCycleLR(opt, self.lr, total_steps=total, pct_start=0.1)
        return [opt], [{"scheduler": sched, "interval": "step"}]


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=40)
    ap.add_argument("--lr", type=float, default=2e-3)
    a = ap.parse_args()
    L.seed_everything(77)
    trainer = L.Trainer(max_epochs=a.epochs, accelerator="cpu", logger=False, enable_checkpointing=False,
                        gradient_clip_val=1.0)
    trainer.fit(Task(a.lr), TableData())
