import lightning as L
import torch
import torch.nn as nn
import torch.nn.functional as F
from lightning.pytorch.callbacks import LearningRateMonitor, ModelCheckpoint
from torch.utils.data import DataLoader, Subset
from torchmetrics.classification import MulticlassAccuracy
from torchvision import transforms
from torchvision.datasets import CIFAR10
from torchvision.models import resnet18


class CifarData(L.LightningDataModule):
    mean = (0.4914, 0.4822, 0.4465)
    std = (0.2470, 0.2435, 0.2616)

    def __init__(self, root="data", batch_size=256, num_workers=6, n_val=5000, split_seed=42):
        super().__init__()
        self.save_hyperparameters()
        norm = [transforms.ToTensor(), transforms.Normalize(self.mean, self.std)]
        self.train_tf = transforms.Compose(
            [transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip(), *norm]
        )
        self.eval_tf = transforms.Compose(norm)

    def prepare_data(self):
        CIFAR10(self.hparams.root, train=True, download=True)
        CIFAR10(self.hparams.root, train=False, download=True)

    def setup(self, stage=None):
        hp = self.hparams
        if stage in ("fit", "validate", None):
            augmented = CIFAR10(hp.root, train=True, transform=self.train_tf)
            plain = CIFAR10(hp.root, train=True, transform=self.eval_tf)
            order = torch.randperm(len(plain), generator=torch.Generator().manual_seed(hp.split_seed)).tolist()
            self.train_set = Subset(augmented, order[hp.n_val:])
            self.val_set = Subset(plain, order[:hp.n_val])
        if stage in ("test", None):
            self.test_set = CIFAR10(hp.root, train=False, transform=self.eval_tf)

    def _loader(self, ds, train=False):
        return DataLoader(
            ds,
            batch_size=self.hparams.batch_size,
            shuffle=train,
            drop_last=train,
            num_workers=self.hparams.num_workers,
            pin_memory=True,
            persistent_workers=True,
        )

    def train_dataloader(self):
        return self._loader(self.train_set, train=True)

    def val_dataloader(self):
        return self._loader(self.val_set)

    def test_dataloader(self):
        return self._loader(self.test_set)


def small_image_resnet(num_classes):
    net = resnet18(weights=None, num_classes=num_classes)
    net.conv1 = nn.Conv2d(3, 64, kernel_size=3, stride=1, padding=1, bias=False)
    net.maxpool = nn.Identity()
    return net


class LitResNet(L.LightningModule):
    def __init__(self, lr=0.1, weight_decay=5e-4, num_classes=10):
        super().__init__()
        self.save_hyperparameters()
        self.net = small_image_resnet(num_classes)
        self.val_acc = MulticlassAccuracy(num_classes, average="micro")
        self.test_acc = MulticlassAccuracy(num_classes, average="micro")

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = F.cross_entropy(self(x), y)
        self.log("train/loss", loss, on_step=False, on_epoch=True)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        logits = self(x)
        self.val_acc(logits, y)
        self.log("val/loss", F.cross_entropy(logits, y), prog_bar=True)
        self.log("val/acc", self.val_acc, prog_bar=True)

    def test_step(self, batch, batch_idx):
        x, y = batch
        self.test_acc(self(x), y)
        self.log("test/acc", self.test_acc)

    def configure_optimizers(self):
        opt = torch.optim.SGD(
            self.parameters(), lr=self.hparams.lr, momentum=0.9, weight_decay=self.hparams.weight_decay, nesterov=True
        )
        sched = torch.optim.lr_scheduler.OneCycleLR(
            opt, max_lr=self.hparams.lr, total_steps=int(self.trainer.estimated_stepping_batches), cycle_momentum=False
        )
        return {"optimizer": opt, "lr_scheduler": {"scheduler": sched, "interval": "step"}}


def main():
    L.seed_everything(7, workers=True)
    checkpoint = ModelCheckpoint(monitor="val/acc", mode="max", filename="best", auto_insert_metric_name=False)
    trainer = L.Trainer(
        max_epochs=40,
        accelerator="gpu",
        devices=1,
        precision="16-mixed",
        gradient_clip_val=1.0,
        callbacks=[checkpoint, LearningRateMonitor("step")],
    )
    data = CifarData()
    trainer.fit(LitResNet(), datamodule=data)
    trainer.test(ckpt_path=checkpoint.best_model_path, datamodule=data)


if __name__ == "__main__":
    main()
