#!/usr/bin/env python
# Clothes from idx files. Everything that can be set is in fashion.yaml; single values can be changed
# on the command line, e.g.  python train.py optim.lr=0.05 trainer.max_epochs=10
import os
import struct
import sys

import lightning.pytorch as pl
import numpy as np
import torch
import torch.nn as nn
import yaml
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint, TQDMProgressBar
from lightning.pytorch.loggers import TensorBoardLogger
from torch.utils.data import DataLoader, TensorDataset
from torchvision.transforms import v2

HERE = os.path.dirname(os.path.abspath(__file__))


def load_config(argv):
    with open(os.path.join(HERE, "fashion.yaml")) as f:
        cfg = yaml.safe_load(f)
    for item in argv:
        key, value = item.split("=", 1)
        section, name = key.split(".")
        if name not in cfg[section]:
            raise KeyError(f"unknown setting {key}")
        cfg[section][name] = yaml.safe_load(value)
    return cfg


def read_idx(path):
    with open(path, "rb") as f:
        _, _, dtype, ndim = struct.unpack("BBBB", f.read(4))
        assert dtype == 8, "unsigned bytes expected"
        shape = struct.unpack(">" + "I" * ndim, f.read(4 * ndim))
        return np.frombuffer(f.read(), dtype=np.uint8).reshape(shape).copy()


class FashionData(pl.LightningDataModule):
    def __init__(self, root, batch_size, pixel_mean, pixel_std):
        super().__init__()
        self.root, self.batch_size = root, batch_size
        self.pixel_mean, self.pixel_std = pixel_mean, pixel_std
        self.augment = v2.Compose([v2.RandomHorizontalFlip(), v2.RandomAffine(8, translate=(0.07, 0.07), fill=0)])

    def tensors(self, split):
        x = torch.from_numpy(read_idx(os.path.join(self.root, f"{split}-images.idx3"))).unsqueeze(1)
        y = torch.from_numpy(read_idx(os.path.join(self.root, f"{split}-labels.idx1"))).long()
        return TensorDataset(x, y)

    def setup(self, stage):
        self.train, self.val = self.tensors("train"), self.tensors("val")

    def train_dataloader(self):
        def collate(items):
            x = torch.stack([self.augment(a) for a, _ in items])
            return x, torch.stack([b for _, b in items])
        return DataLoader(self.train, self.batch_size, shuffle=True, collate_fn=collate, drop_last=True)

    def val_dataloader(self):
        return DataLoader(self.val, 4 * self.batch_size)

    def on_after_batch_transfer(self, batch, dataloader_idx):
        x, y = batch
        x = (x.float() / 255.0 - self.pixel_mean) / self.pixel_std
        return x, y


def conv_bn(cin, cout, pool):
    layers = [nn.Conv2d(cin, cout, 3, padding=1, bias=False), nn.BatchNorm2d(cout), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers, nn.MaxPool2d(2)) if pool else nn.Sequential(*layers)


class FashionNet(pl.LightningModule):
    def __init__(self, width, dropout, optim):
        super().__init__()
        self.save_hyperparameters()
        self.features = nn.Sequential(
            conv_bn(1, width, False), conv_bn(width, width, True),
            conv_bn(width, 2 * width, False), conv_bn(2 * width, 2 * width, True),
            conv_bn(2 * width, 4 * width, False), conv_bn(4 * width, 4 * width, True),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(), nn.Linear(4 * width * 9, 128), nn.ReLU(inplace=True), nn.Dropout(dropout), nn.Linear(128, 10))
        self.criterion = nn.CrossEntropyLoss()
        for m in self.modules():
            if isinstance(m, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
                if m.bias is not None:
                    nn.init.zeros_(m.bias)

    def forward(self, x):
        return self.classifier(self.features(x))

    def _shared(self, batch, stage):
        x, y = batch
        logits = self(x)
        loss = self.criterion(logits, y)
        acc = (logits.argmax(-1) == y).float().mean()
        self.log_dict({f"{stage}_loss": loss, f"{stage}_acc": acc}, prog_bar=True,
                      on_step=False, on_epoch=True, batch_size=len(y))
        return loss

    def training_step(self, batch, _):
        return self._shared(batch, "train")

    def validation_step(self, batch, _):
        self._shared(batch, "val")

    def configure_optimizers(self):
        o = self.hparams.optim
        optimizer = torch.optim.SGD(self.parameters(), lr=o["lr"], momentum=o["momentum"],
                                    weight_decay=o["weight_decay"], nesterov=True)
        scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=o["milestones"], gamma=o["gamma"])
        return [optimizer], [{"scheduler": scheduler, "interval": "step", "name": "lr"}]


def main():
    cfg = load_config(sys.argv[1:])
    pl.seed_everything(cfg["trainer"]["seed"], workers=True)
    data = FashionData(**cfg["data"])
    model = FashionNet(optim=cfg["optim"], **cfg["model"])
    trainer = pl.Trainer(
        max_epochs=cfg["trainer"]["max_epochs"],
        accelerator="cpu",
        gradient_clip_val=cfg["trainer"]["clip"],
        logger=TensorBoardLogger("tb", name="fashion"),
        log_every_n_steps=10,
        callbacks=[
            ModelCheckpoint(monitor="val_acc", mode="max", filename="{epoch:02d}-{val_acc:.3f}"),
            EarlyStopping(monitor="val_loss", patience=cfg["trainer"]["patience"]),
            TQDMProgressBar(refresh_rate=5),
        ],
    )
    trainer.fit(model, datamodule=data)
    print(trainer.validate(datamodule=data, ckpt_path="best"))


if __name__ == "__main__":
    main()
