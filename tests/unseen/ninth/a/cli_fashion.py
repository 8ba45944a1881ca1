# FashionMNIST, LightningCLI, everything in one file
#   python cli_fashion.py fit
#   python cli_fashion.py fit --optimizer.lr=0.02 --trainer.devices=1
#   python cli_fashion.py test --ckpt_path=...
import os

import lightning as L
import torch
from lightning.pytorch.cli import LightningCLI
from torch import nn
from torch.utils.data import DataLoader, Subset
from torchmetrics import Accuracy, MetricCollection
from torchmetrics.classification import MulticlassCalibrationError
from torchvision import transforms
from torchvision.datasets import FashionMNIST


class FashionDM(L.LightningDataModule):
    num_classes = 10

    def __init__(self, data_dir: str = "./data", batch_size: int = 256):
        super().__init__()
        self.data_dir = data_dir
        self.batch_size = batch_size
        norm = [transforms.ToTensor(), transforms.Normalize((0.2860,), (0.3530,))]
        self.tf_train = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.RandomCrop(28, padding=2)] + norm)
        self.tf_eval = transforms.Compose(norm)
        self.workers = min(8, os.cpu_count() or 2)

    def prepare_data(self):
        for train in (True, False):
            FashionMNIST(self.data_dir, train=train, download=True)

    def setup(self, stage: str):
        if stage in ("fit", "validate"):
            order = torch.randperm(60000, generator=torch.Generator().manual_seed(0)).tolist()
            with_aug = FashionMNIST(self.data_dir, train=True, transform=self.tf_train)
            without = FashionMNIST(self.data_dir, train=True, transform=self.tf_eval)
            self.fm_train = Subset(with_aug, order[:55000])
            self.fm_val = Subset(without, order[55000:])
        if stage == "test":
            self.fm_test = FashionMNIST(self.data_dir, train=False, transform=self.tf_eval)

    def train_dataloader(self):
        return DataLoader(self.fm_train, batch_size=self.batch_size, shuffle=True, num_workers=self.workers)

    def val_dataloader(self):
        return DataLoader(self.fm_val, batch_size=1000, num_workers=self.workers)

    def test_dataloader(self):
        return DataLoader(self.fm_test, batch_size=1000, num_workers=self.workers)


class FashionNet(L.LightningModule):
    def __init__(self, num_classes: int = 10, width: int = 48, dropout: float = 0.3):
        super().__init__()
        self.save_hyperparameters()
        w = width

        def block(i, o):
            return nn.Sequential(
                nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(),
                nn.Conv2d(o, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(),
                nn.MaxPool2d(2))

        self.features = nn.Sequential(block(1, w), block(w, 2 * w), block(2 * w, 4 * w))
        self.classifier = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout), nn.Linear(4 * w, num_classes))
        self.loss = nn.CrossEntropyLoss()
        scores = MetricCollection({
            "acc": Accuracy(task="multiclass", num_classes=num_classes),
            "ece": MulticlassCalibrationError(num_classes=num_classes),
        })
        self.val_scores = scores.clone(prefix="val_")
        self.test_scores = scores.clone(prefix="test_")

    def forward(self, x):
        return self.classifier(self.features(x))

    def training_step(self, batch, i):
        x, y = batch
        loss = self.loss(self(x), y)
        self.log("loss", loss)
        return loss

    def validation_step(self, batch, i):
        x, y = batch
        z = self(x)
        self.val_scores.update(z, y)
        self.log("val_loss", self.loss(z, y), prog_bar=True)

    def on_validation_epoch_end(self):
        self.log_dict(self.val_scores.compute(), prog_bar=True)
        self.val_scores.reset()

    def test_step(self, batch, i):
        x, y = batch
        self.test_scores.update(self(x), y)

    def on_test_epoch_end(self):
        self.log_dict(self.test_scores.compute())
        self.test_scores.reset()


class FashionCLI(LightningCLI):
    def add_arguments_to_parser(self, parser):
        parser.add_optimizer_args(torch.optim.SGD)
        parser.add_lr_scheduler_args(torch.optim.lr_scheduler.MultiStepLR)
        parser.link_arguments("data.num_classes", "model.num_classes", apply_on="instantiate")
        parser.set_defaults({
            "optimizer.lr": 0.05,
            "optimizer.momentum": 0.9,
            "optimizer.weight_decay": 5e-4,
            "lr_scheduler.milestones": [18, 26],
            "lr_scheduler.gamma": 0.1,
        })


if __name__ == "__main__":
    FashionCLI(
        FashionNet,
        FashionDM,
        seed_everything_default=1234,
        trainer_defaults={"max_epochs": 30, "accelerator": "auto", "devices": 1},
    )
