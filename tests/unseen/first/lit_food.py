# Sound.
import lightning as L
import torch
import torch.nn.functional as F
from lightning.pytorch.callbacks import EarlyStopping, LearningRateMonitor, ModelCheckpoint
from torch import nn
from torch.utils.data import DataLoader, random_split
from torchmetrics.classification import MulticlassAccuracy
from torchvision import transforms
from torchvision.datasets import ImageFolder
from torchvision.models import Swin_T_Weights, swin_t


class _View(torch.utils.data.Dataset):
    """A subset with its own transform."""

    def __init__(self, subset, tf):
        self.subset, self.tf = subset, tf

    def __len__(self):
        return len(self.subset)

    def __getitem__(self, i):
        img, y = self.subset[i]
        return self.tf(img), y


class FoodData(L.LightningDataModule):
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

    def __init__(self, root="food-101/images", batch_size=64, workers=8):
        super().__init__()
        self.save_hyperparameters()

    def setup(self, stage=None):
        full = ImageFolder(self.hparams.root)
        n_val = len(full) // 5
        tr, va = random_split(full, [len(full) - n_val, n_val], torch.Generator().manual_seed(3))
        self.tr = _View(tr, transforms.Compose([
            transforms.RandomResizedCrop(224, scale=(0.3, 1)),
            transforms.RandomHorizontalFlip(),
            transforms.AutoAugment(),
            transforms.ToTensor(),
            transforms.Normalize(self.mean, self.std),
        ]))
        self.va = _View(va, transforms.Compose([
            transforms.Resize(232),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize(self.mean, self.std),
        ]))

    def train_dataloader(self):
        return DataLoader(self.tr, self.hparams.batch_size, shuffle=True, drop_last=True,
                          num_workers=self.hparams.workers, persistent_workers=True)

    def val_dataloader(self):
        return DataLoader(self.va, self.hparams.batch_size, num_workers=self.hparams.workers,
                          persistent_workers=True)


class FoodNet(L.LightningModule):
    def __init__(self, n_classes=101, lr=2e-4, wd=0.05):
        super().__init__()
        self.save_hyperparameters()
        self.net = swin_t(weights=Swin_T_Weights.IMAGENET1K_V1)
        self.net.head = nn.Linear(self.net.head.in_features, n_classes)
        self.acc = MulticlassAccuracy(n_classes, average="micro")

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, _):
        x, y = batch
        loss = F.cross_entropy(self(x), y, label_smoothing=0.1)
        self.log("train/loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch, _):
        # Lightning itself switches to eval mode and turns the gradients off here
        x, y = batch
        out = self(x)
        self.acc(out, y)
        self.log("val/loss", F.cross_entropy(out, y))
        self.log("val/acc", self.acc, prog_bar=True)

    def configure_optimizers(self):
        opt = torch.optim.AdamW(self.parameters(), lr=self.hparams.lr, weight_decay=self.hparams.wd)
        sched = torch.optim.lr_scheduler.OneCycleLR(
            opt, max_lr=self.hparams.lr, total_steps=self.trainer.estimated_stepping_batches, pct_start=0.1)
        return {"optimizer": opt, "lr_scheduler": {"scheduler": sched, "interval": "step"}}


if __name__ == "__main__":
    L.seed_everything(3, workers=True)
    trainer = L.Trainer(
        max_epochs=15,
        accelerator="gpu",
        devices=1,
        precision="16-mixed",
        gradient_clip_val=1.0,
        callbacks=[ModelCheckpoint(monitor="val/acc", mode="max"), LearningRateMonitor("step"),
                   EarlyStopping("val/acc", mode="max", patience=5)],
    )
    trainer.fit(FoodNet(), datamodule=FoodData())
