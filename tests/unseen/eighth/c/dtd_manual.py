"""Texture classification on DTD (partition 1) with a hand driven optimiser in Lightning.

The partial batch at the end of an epoch is flushed, so the number of updates is
epochs * ceil(batches / accumulate).
"""
from __future__ import annotations

import math
from dataclasses import dataclass

import pytorch_lightning as pl
import torch
import torch.nn.functional as F
import torchvision.transforms as TT
from pytorch_lightning.callbacks import LearningRateMonitor, ModelCheckpoint
from torch.utils.data import DataLoader
from torchmetrics import Accuracy
from torchvision.datasets import DTD
from torchvision.models import RegNet_Y_800MF_Weights, regnet_y_800mf


@dataclass
class HP:
    root: str = "datasets"
    classes: int = 47
    batch: int = 16
    accumulate: int = 4
    epochs: int = 40
    peak: float = 4e-4
    decay: float = 0.02
    clip: float = 2.0
    seed: int = 99


class Textures(pl.LightningDataModule):
    def __init__(self, hp: HP):
        super().__init__()
        self.hp = hp
        end = [TT.ToTensor(), TT.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
        self.tf = {
            "train": TT.Compose([TT.RandomResizedCrop(224, (0.4, 1.0)), TT.RandomHorizontalFlip(), TT.TrivialAugmentWide(), *end]),
            "val": TT.Compose([TT.Resize(232), TT.CenterCrop(224), *end]),
        }

    def prepare_data(self):
        DTD(self.hp.root, download=True)

    def _loader(self, split):
        kind = "train" if split == "train" else "val"
        data = DTD(self.hp.root, split=split, partition=1, transform=self.tf[kind])
        return DataLoader(data, batch_size=self.hp.batch, shuffle=kind == "train", num_workers=6, pin_memory=True)

    def train_dataloader(self):
        return self._loader("train")

    def val_dataloader(self):
        return self._loader("val")

    def test_dataloader(self):
        return self._loader("test")


class TextureNet(pl.LightningModule):
    def __init__(self, hp: HP):
        super().__init__()
        self.automatic_optimization = False
        self.hp = hp
        self.body = regnet_y_800mf(weights=RegNet_Y_800MF_Weights.IMAGENET1K_V2)
        self.body.fc = torch.nn.Linear(self.body.fc.in_features, hp.classes)
        self.acc = torch.nn.ModuleDict({s: Accuracy(task="multiclass", num_classes=hp.classes) for s in ("val", "test")})

    def forward(self, x):
        return self.body(x)

    def training_step(self, batch, idx):
        opt, sch = self.optimizers(), self.lr_schedulers()
        x, y = batch
        loss = F.cross_entropy(self(x), y, label_smoothing=0.1)
        self.manual_backward(loss / self.hp.accumulate)
        if (idx + 1) % self.hp.accumulate == 0 or self.trainer.is_last_batch:
            self.clip_gradients(opt, gradient_clip_val=self.hp.clip, gradient_clip_algorithm="norm")
            opt.step()
            opt.zero_grad()
            sch.step()
        self.log("train_loss", loss.detach(), prog_bar=True)

    def _judge(self, batch, stage):
        x, y = batch
        self.acc[stage](self(x), y)
        self.log(f"{stage}_acc", self.acc[stage], prog_bar=True)

    def validation_step(self, batch, idx):
        self._judge(batch, "val")

    def test_step(self, batch, idx):
        self._judge(batch, "test")

    def configure_optimizers(self):
        opt = torch.optim.AdamW(self.parameters(), lr=self.hp.peak, weight_decay=self.hp.decay)
        batches = len(self.trainer.datamodule.train_dataloader())
        per_epoch = math.ceil(batches / self.hp.accumulate)
        sch = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=self.hp.peak, total_steps=per_epoch * self.hp.epochs)
        return [opt], [sch]


def main():
    hp = HP()
    pl.seed_everything(hp.seed, workers=True)
    keep = ModelCheckpoint(monitor="val_acc", mode="max", dirpath="ckpt_dtd", filename="{epoch}-{val_acc:.3f}")
    trainer = pl.Trainer(
        max_epochs=hp.epochs, accelerator="auto", devices=1, callbacks=[keep, LearningRateMonitor("step")]
    )
    dm = Textures(hp)
    trainer.fit(TextureNet(hp), datamodule=dm)
    best = TextureNet.load_from_checkpoint(keep.best_model_path, hp=hp)
    trainer.test(best, datamodule=dm)


if __name__ == "__main__":
    main()
