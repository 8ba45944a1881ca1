# CIFAR-10 with a small residual network, PyTorch Lightning 1.9 / torchmetrics 0.11
# usage: python lit_cifar_resnet9.py --epochs 40 --data ~/datasets
import argparse
import os

import pytorch_lightning as pl
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision.transforms as tt
from pytorch_lightning.callbacks import LearningRateMonitor, ModelCheckpoint
from torch.utils.data import DataLoader, Subset, random_split
from torchmetrics import Accuracy
from torchvision.datasets import CIFAR10

STATS = ((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))


class CIFARData(pl.LightningDataModule):
    """45k train / 5k val out of the training file, the 10k test file stays for the end."""

    def __init__(self, root, batch_size=128, split_seed=42, num_workers=6):
        super().__init__()
        self.root = root
        self.batch_size = batch_size
        self.split_seed = split_seed
        self.num_workers = num_workers
        self.aug = tt.Compose([
            tt.RandomCrop(32, padding=4, padding_mode="reflect"),
            tt.RandomHorizontalFlip(),
            tt.ToTensor(),
            tt.Normalize(*STATS),
        ])
        self.noaug = tt.Compose([tt.ToTensor(), tt.Normalize(*STATS)])

    def prepare_data(self):
        CIFAR10(self.root, train=True, download=True)
        CIFAR10(self.root, train=False, download=True)

    def _split(self, dataset):
        g = torch.Generator().manual_seed(self.split_seed)
        return random_split(dataset, [45000, 5000], generator=g)

    def setup(self, stage=None):
        if stage in (None, "fit"):
            self.ds_train = self._split(CIFAR10(self.root, train=True, transform=self.aug))[0]
            self.ds_val = self._split(CIFAR10(self.root, train=True, transform=self.noaug))[1]
            assert isinstance(self.ds_val, Subset)
            assert not set(self.ds_train.indices) & set(self.ds_val.indices)
        if stage in (None, "test"):
            self.ds_test = CIFAR10(self.root, train=False, transform=self.noaug)

    def train_dataloader(self):
        return DataLoader(self.ds_train, self.batch_size, shuffle=True, num_workers=self.num_workers,
                          pin_memory=True, drop_last=True)

    def val_dataloader(self):
        return DataLoader(self.ds_val, 2 * self.batch_size, num_workers=self.num_workers, pin_memory=True)

    def test_dataloader(self):
        return DataLoader(self.ds_test, 2 * self.batch_size, num_workers=self.num_workers, pin_memory=True)


def conv(cin, cout, pool=False):
    layers = [nn.Conv2d(cin, cout, 3, padding=1, bias=False), nn.BatchNorm2d(cout), nn.ReLU(inplace=True)]
    if pool:
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers)


class ResNet9(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.prep = conv(3, 64)
        self.layer1 = conv(64, 128, pool=True)
        self.res1 = nn.Sequential(conv(128, 128), conv(128, 128))
        self.layer2 = conv(128, 256, pool=True)
        self.layer3 = conv(256, 512, pool=True)
        self.res3 = nn.Sequential(conv(512, 512), conv(512, 512))
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(512, num_classes))

    def forward(self, x):
        x = self.layer1(self.prep(x))
        x = x + self.res1(x)
        x = self.layer3(self.layer2(x))
        x = x + self.res3(x)
        return self.head(x)


class LitResNet9(pl.LightningModule):
    def __init__(self, lr):
        super().__init__()
        self.save_hyperparameters()
        self.model = ResNet9()
        self.val_accuracy = Accuracy(task="multiclass", num_classes=10)
        self.test_accuracy = Accuracy(task="multiclass", num_classes=10)

    def forward(self, x):
        return self.model(x)

    def training_step(self, batch, _):
        images, labels = batch
        loss = F.cross_entropy(self(images), labels)
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch, _):
        images, labels = batch
        out = self(images)
        self.val_accuracy(out, labels)
        self.log("val_loss", F.cross_entropy(out, labels), prog_bar=True)
        self.log("val_acc", self.val_accuracy, prog_bar=True)

    def test_step(self, batch, _):
        images, labels = batch
        self.test_accuracy(self(images), labels)
        self.log("test_acc", self.test_accuracy)

    def configure_optimizers(self):
        sgd = torch.optim.SGD(self.parameters(), lr=self.hparams.lr, momentum=0.9, weight_decay=5e-4, nesterov=True)
        one = torch.optim.lr_scheduler.OneCycleLR(
            sgd, max_lr=self.hparams.lr, total_steps=self.trainer.estimated_stepping_batches, pct_start=0.25)
        return [sgd], [{"scheduler": one, "interval": "step"}]


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", default=os.path.expanduser("~/datasets"))
    ap.add_argument("--epochs", type=int, default=40)
    ap.add_argument("--lr", type=float, default=0.1)
    ap.add_argument("--batch-size", type=int, default=128)
    a = ap.parse_args()

    pl.seed_everything(2023, workers=True)
    dm = CIFARData(a.data, a.batch_size)
    lit = LitResNet9(a.lr)
    keep = ModelCheckpoint(monitor="val_acc", mode="max")
    trainer = pl.Trainer(max_epochs=a.epochs, accelerator="gpu", devices=1, precision=16,
                         callbacks=[keep, LearningRateMonitor(logging_interval="step")])
    trainer.fit(lit, dm)
    trainer.test(ckpt_path="best", datamodule=dm)
