"""PlantVillage with Lightning 1.9.

We step the optimiser by hand because later the discriminator of the domain-adaptation
experiment gets its own optimiser in this module.
"""
import os
from argparse import ArgumentParser

import pytorch_lightning as pl
import torch
import torchvision
from pytorch_lightning.callbacks import LearningRateMonitor, ModelCheckpoint
from torch.utils.data import DataLoader, Subset
from torchmetrics import Accuracy
from torchvision import transforms

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class PlantVillage(pl.LightningDataModule):
    def __init__(self, root, batch_size=16, workers=6, val_part=0.1):
        super().__init__()
        self.root, self.batch_size, self.workers, self.val_part = root, batch_size, workers, val_part
        self.aug = transforms.Compose([
            transforms.RandomResizedCrop(224, scale=(0.5, 1.0)),
            transforms.RandomHorizontalFlip(),
            transforms.RandomVerticalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(MEAN, STD),
        ])
        self.plain = transforms.Compose([
            transforms.Resize(256),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize(MEAN, STD),
        ])

    def setup(self, stage=None):
        folder = os.path.join(self.root, "train")
        a = torchvision.datasets.ImageFolder(folder, transform=self.aug)
        b = torchvision.datasets.ImageFolder(folder, transform=self.plain)
        order = torch.randperm(len(a), generator=torch.Generator().manual_seed(11)).tolist()
        n_val = int(len(a) * self.val_part)
        self.train_set = Subset(a, order[n_val:])
        self.val_set = Subset(b, order[:n_val])
        self.test_set = torchvision.datasets.ImageFolder(os.path.join(self.root, "test"), transform=self.plain)

    def _loader(self, ds, train):
        return DataLoader(ds, self.batch_size, shuffle=train, drop_last=train,
                          num_workers=self.workers, pin_memory=True)

    def train_dataloader(self):
        return self._loader(self.train_set, True)

    def val_dataloader(self):
        return self._loader(self.val_set, False)

    def test_dataloader(self):
        return self._loader(self.test_set, False)


class LeafNet(pl.LightningModule):
    def __init__(self, classes=38, lr=0.01, momentum=0.9, weight_decay=1e-4, accumulate=8, max_epochs=20):
        super().__init__()
        self.save_hyperparameters()
        self.automatic_optimization = False
        self.net = torchvision.models.resnet50(weights="IMAGENET1K_V2")
        self.net.fc = torch.nn.Linear(2048, classes)
        self.criterion = torch.nn.CrossEntropyLoss()
        self.val_acc = Accuracy(task="multiclass", num_classes=classes)
        self.test_acc = Accuracy(task="multiclass", num_classes=classes)

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, batch_idx):
        opt = self.optimizers()
        images, target = batch
        loss = self.criterion(self(images), target)
        self.manual_backward(loss)  # fault: C342
        if (batch_idx + 1) % self.hparams.accumulate == 0 or self.trainer.is_last_batch:
            opt.step()
            opt.zero_grad()
        self.log("train_loss", loss.detach(), prog_bar=True)

    def on_train_epoch_end(self):
        self.lr_schedulers().step()

    def validation_step(self, batch, batch_idx):
        images, target = batch
        logits = self(images)
        self.val_acc(logits, target)
        self.log("val_loss", self.criterion(logits, target))
        self.log("val_acc", self.val_acc, prog_bar=True)

    def test_step(self, batch, batch_idx):
        images, target = batch
        self.test_acc(self(images), target)
        self.log("test_acc", self.test_acc)

    def configure_optimizers(self):
        hp = self.hparams
        sgd = torch.optim.SGD(self.parameters(), lr=hp.lr, momentum=hp.momentum, weight_decay=hp.weight_decay)
        cos = torch.optim.lr_scheduler.CosineAnnealingLR(sgd, T_max=hp.max_epochs)
        return [sgd], [cos]


if __name__ == "__main__":
    cli = ArgumentParser()
    cli.add_argument("root")
    cli.add_argument("--workers", type=int, default=6)
    ns = cli.parse_args()

    pl.seed_everything(2023, workers=True)
    module = LeafNet()
    data = PlantVillage(ns.root, workers=ns.workers)
    best = ModelCheckpoint(monitor="val_acc", mode="max", filename="{epoch}-{val_acc:.4f}")
    trainer = pl.Trainer(
        accelerator="gpu", devices=1, max_epochs=module.hparams.max_epochs,
        callbacks=[best, LearningRateMonitor("epoch")],
    )
    trainer.fit(module, datamodule=data)
    trainer.test(module, datamodule=data, ckpt_path="best")
