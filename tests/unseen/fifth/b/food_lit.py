"""Food-101 with Lightning 2.x and a torchvision ResNet."""
from argparse import ArgumentParser

import lightning as L
import torch
from lightning.pytorch.callbacks import LearningRateMonitor, ModelCheckpoint
from torch import nn
from torch.utils.data import DataLoader, Subset
from torchmetrics.classification import MulticlassAccuracy
from torchvision import models
from torchvision import transforms as T
from torchvision.datasets import Food101

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


class FoodData(L.LightningDataModule):
    def __init__(self, root, batch_size=64, workers=8, val_size=7575, seed=0):
        super().__init__()
        self.save_hyperparameters()
        self.train_tf = T.Compose(
            [
                T.RandomResizedCrop(224),
                T.RandomHorizontalFlip(),
                T.ToTensor(),
                T.Normalize(MEAN, STD),
            ]
        )
        self.eval_tf = T.Compose(
            [T.Resize(256), T.CenterCrop(224), T.ToTensor(), T.Normalize(MEAN, STD)]
        )

    def prepare_data(self):
        Food101(self.hparams.root, split="train", download=True)

    def setup(self, stage=None):
        with_aug = Food101(self.hparams.root, split="train", transform=self.train_tf)
        plain = Food101(self.hparams.root, split="train", transform=self.eval_tf)
        generator = torch.Generator().manual_seed(self.hparams.seed)
        order = torch.randperm(len(plain), generator=generator).tolist()
        n = self.hparams.val_size
        self.train_set = Subset(with_aug, order[n:])
        self.val_set = Subset(plain, order[:n])
        self.test_set = Food101(self.hparams.root, split="test", transform=self.eval_tf)

    def _loader(self, dataset, train=False):
        return DataLoader(
            dataset,
            batch_size=self.hparams.batch_size,
            shuffle=train,
            drop_last=train,
            num_workers=self.hparams.workers,
            pin_memory=True,
        )

    def train_dataloader(self):
        return self._loader(self.train_set, train=True)

    def val_dataloader(self):
        return self._loader(self.val_set)

    def test_dataloader(self):
        return self._loader(self.test_set)


class FoodClassifier(L.LightningModule):
    def __init__(self, lr=5e-4, weight_decay=0.01, num_classes=101):
        super().__init__()
        self.save_hyperparameters()
        self.net = models.resnet34(weights=models.ResNet34_Weights.IMAGENET1K_V1)
        self.net.fc = nn.Linear(self.net.fc.in_features, num_classes)
        self.criterion = nn.CrossEntropyLoss()
        self.val_acc = MulticlassAccuracy(num_classes, average="micro")
        self.test_acc = MulticlassAccuracy(num_classes, average="micro")

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = self.criterion(self(x), y)
        self.log("train_loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        logits = self(x)
        self.val_acc(logits, y)
        self.log("val_loss", self.criterion(logits, y), prog_bar=True)
        self.log("val_acc", self.val_acc, prog_bar=True)

    def test_step(self, batch, batch_idx):
        x, y = batch
        self.test_acc(self(x), y)
        self.log("test_acc", self.test_acc)

    def configure_optimizers(self):
        optimizer = torch.optim.AdamW(
            self.parameters(), lr=self.hparams.lr, weight_decay=self.hparams.weight_decay
        )
        scheduler = torch.optim.lr_scheduler.OneCycleLR(
            optimizer,
            max_lr=self.hparams.lr,
            total_steps=int(self.trainer.estimated_stepping_batches),
            pct_start=0.2,
        )
        return {"optimizer": optimizer, "lr_scheduler": scheduler, "interval": "step"}  # fault: C314


def main():
    parser = ArgumentParser()
    parser.add_argument("--root", default="data")
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--batch-size", type=int, default=64)
    args = parser.parse_args()

    L.seed_everything(0, workers=True)
    data = FoodData(args.root, batch_size=args.batch_size)
    model = FoodClassifier()
    checkpoint = ModelCheckpoint(monitor="val_acc", mode="max")
    trainer = L.Trainer(
        max_epochs=args.epochs,
        accelerator="gpu",
        devices=1,
        precision="16-mixed",
        callbacks=[checkpoint, LearningRateMonitor(logging_interval="step")],
    )
    trainer.fit(model, datamodule=data)
    trainer.test(datamodule=data, ckpt_path="best")


if __name__ == "__main__":
    main()
