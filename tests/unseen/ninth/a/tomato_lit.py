"""Tomato leaf pictures -> 5 conditions.  lightning>=2.1, timm>=0.9"""
from pathlib import Path

import lightning as L
import timm
import torch
import torch.nn.functional as F
from lightning.pytorch.callbacks import EarlyStopping, LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from torch.utils.data import DataLoader, random_split
from torchmetrics.classification import MulticlassAccuracy, MulticlassF1Score
from torchvision import transforms as T
from torchvision.datasets import ImageFolder

ROOT = Path("/data/tomato/all_images")      # one folder for each condition
CONDITIONS = ["bacterial_spot", "early_blight", "healthy", "late_blight", "mosaic_virus"]
SIZE = 224
BATCH = 48
EPOCHS = 25
SEED = 7

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


class TomatoData(L.LightningDataModule):
    def __init__(self, root: Path, batch_size: int = BATCH, val_share: float = 0.15, workers: int = 8):
        super().__init__()
        self.root = root
        self.batch_size = batch_size
        self.val_share = val_share
        self.workers = workers
        self.train_tf = T.Compose([
            T.RandomResizedCrop(SIZE, scale=(0.6, 1.0)),
            T.RandomHorizontalFlip(),
            T.RandomVerticalFlip(),
            T.ColorJitter(0.2, 0.2, 0.1),
            T.ToTensor(),
            T.Normalize(MEAN, STD),
        ])
        self.eval_tf = T.Compose([
            T.Resize(256),
            T.CenterCrop(SIZE),
            T.ToTensor(),
            T.Normalize(MEAN, STD),
        ])

    def prepare_data(self):
        if not self.root.is_dir():
            raise FileNotFoundError(f"unpack the pictures to {self.root} first")

    def setup(self, stage: str | None = None):
        # two views of the same folder, they differ in the transform only
        augmented = ImageFolder(self.root, transform=self.train_tf)
        plain = ImageFolder(self.root, transform=self.eval_tf)
        assert augmented.classes == CONDITIONS, augmented.classes

        n_val = int(len(plain) * self.val_share)
        lengths = [len(plain) - n_val, n_val]
        gen = torch.Generator().manual_seed(SEED)
        self.train_set, _ = random_split(augmented, lengths, generator=gen)
        _, self.val_set = random_split(plain, lengths, generator=gen)  # fault: C331

    def train_dataloader(self):
        return DataLoader(self.train_set, batch_size=self.batch_size, shuffle=True, drop_last=True,
                          num_workers=self.workers, pin_memory=True, persistent_workers=True)

    def val_dataloader(self):
        return DataLoader(self.val_set, batch_size=self.batch_size, num_workers=self.workers,
                          pin_memory=True, persistent_workers=True)


class TomatoModule(L.LightningModule):
    def __init__(self, lr: float = 3e-4, weight_decay: float = 0.01):
        super().__init__()
        self.save_hyperparameters()
        self.net = timm.create_model("efficientnet_b0.ra_in1k", pretrained=True, num_classes=len(CONDITIONS))
        self.val_acc = MulticlassAccuracy(num_classes=len(CONDITIONS), average="micro")
        self.val_f1 = MulticlassF1Score(num_classes=len(CONDITIONS), average="macro")

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = F.cross_entropy(self(x), y)
        self.log("train/loss", loss, on_step=False, on_epoch=True, prog_bar=True)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        logits = self(x)
        self.val_acc.update(logits, y)
        self.val_f1.update(logits, y)
        self.log("val/loss", F.cross_entropy(logits, y), prog_bar=True)
        self.log("val/acc", self.val_acc, on_epoch=True, prog_bar=True)
        self.log("val/f1", self.val_f1, on_epoch=True)

    def configure_optimizers(self):
        opt = torch.optim.AdamW(self.parameters(), lr=self.hparams.lr, weight_decay=self.hparams.weight_decay)
        sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=EPOCHS, eta_min=1e-6)
        return {"optimizer": opt, "lr_scheduler": {"scheduler": sched, "interval": "epoch"}}


def main():
    L.seed_everything(SEED, workers=True)
    data = TomatoData(ROOT)
    module = TomatoModule()
    best = ModelCheckpoint(monitor="val/f1", mode="max", filename="tomato-{epoch:02d}",
                           auto_insert_metric_name=False)
    trainer = L.Trainer(
        max_epochs=EPOCHS,
        accelerator="gpu",
        devices=1,
        precision="16-mixed",
        logger=CSVLogger("logs", name="tomato"),
        callbacks=[best, EarlyStopping("val/loss", patience=10), LearningRateMonitor("epoch")],
    )
    trainer.fit(module, datamodule=data)
    print("best checkpoint:", best.best_model_path, "val f1:", float(best.best_model_score))


if __name__ == "__main__":
    main()
