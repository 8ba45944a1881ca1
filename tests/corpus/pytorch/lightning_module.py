import os

import pytorch_lightning as pl
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader
from torchvision import models, transforms
from torchvision.datasets import ImageFolder


class Pets(pl.LightningDataModule):
    def __init__(self, data_dir, batch_size=64, num_workers=8):
        super().__init__()
        self.save_hyperparameters()
        stats = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
        self.train_tf = transforms.Compose([transforms.RandomResizedCrop(224, scale=(0.5, 1.0)), transforms.RandomHorizontalFlip(),
                                            transforms.ToTensor(), transforms.Normalize(*stats)])
        self.val_tf = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(),
                                          transforms.Normalize(*stats)])

    def setup(self, stage=None):
        self.train_ds = ImageFolder(os.path.join(self.hparams.data_dir, "train"), self.train_tf)
        self.val_ds = ImageFolder(os.path.join(self.hparams.data_dir, "val"), self.val_tf)

    def train_dataloader(self):
        return DataLoader(self.train_ds, batch_size=self.hparams.batch_size, shuffle=True, drop_last=True,
                          num_workers=self.hparams.num_workers)

    def val_dataloader(self):
        return DataLoader(self.val_ds, batch_size=self.hparams.batch_size, num_workers=self.hparams.num_workers)


class LitResNet(pl.LightningModule):
    def __init__(self, num_classes: int, lr: float = 1e-3, weight_decay: float = 1e-4, pretrained: bool = True):
        super().__init__()
        self.save_hyperparameters()
        self.model = models.resnet50(weights=models.ResNet50_Weights.IMAGENET1K_V2 if pretrained else None)
        self.model.fc = nn.Linear(self.model.fc.in_features, num_classes)

    def forward(self, x):
        return self.model(x)

    def _step(self, batch, stage):
        x, y = batch
        loss = F.cross_entropy(self(x), y)
        self.log(f"{stage}_loss", loss)
        return loss

    def training_step(self, batch, batch_idx):
        return self._step(batch, "train")

    def validation_step(self, batch, batch_idx):
        self._step(batch, "val")

    def configure_optimizers(self):
        opt = torch.optim.AdamW(self.parameters(), lr=self.hparams.lr, weight_decay=self.hparams.weight_decay)
        sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=15)
        return {"optimizer": opt, "lr_scheduler": sched}


if __name__ == "__main__":
    pl.seed_everything(42)
    trainer = pl.Trainer(max_epochs=15, accelerator="gpu", devices=1)
    trainer.fit(LitResNet(num_classes=37, lr=3e-4), datamodule=Pets("pets", batch_size=32))
