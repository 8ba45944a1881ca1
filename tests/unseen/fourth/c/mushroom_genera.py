"""Fine-tunes an EfficientNet on nine mushroom genera (one folder per genus).

    python mushroom_genera.py --root /data/mushrooms
"""
from argparse import ArgumentParser

import lightning as L
import torch
from lightning.pytorch.callbacks import LearningRateMonitor, ModelCheckpoint
from torch import nn
from torch.utils.data import DataLoader, random_split
from torchmetrics.classification import MulticlassAccuracy
from torchvision import models
from torchvision import transforms as T
from torchvision.datasets import ImageFolder

IMAGENET = dict(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])


class MushroomData(L.LightningDataModule):
    def __init__(self, root: str, batch_size: int = 48, val_share: float = 0.15,
                 workers: int = 6, seed: int = 2023):
        super().__init__()
        self.save_hyperparameters()
        self.train_tf = T.Compose([
            T.RandomResizedCrop(224, scale=(0.6, 1.0)),
            T.RandomHorizontalFlip(),
            T.ColorJitter(0.2, 0.2, 0.2),
            T.ToTensor(),
            T.Normalize(**IMAGENET),
        ])
        self.eval_tf = T.Compose([
            T.Resize(256),
            T.CenterCrop(224),
            T.ToTensor(),
            T.Normalize(**IMAGENET),
        ])

    def setup(self, stage=None):
        hp = self.hparams
        # the same pictures twice: once as the network trains on them, once plain
        augmented = ImageFolder(hp.root, transform=self.train_tf)
        plain = ImageFolder(hp.root, transform=self.eval_tf)
        n_val = int(hp.val_share * len(plain))
        lengths = [len(plain) - n_val, n_val]
        g = torch.Generator().manual_seed(hp.seed)
        self.train_set, _ = random_split(augmented, lengths, generator=g)
        g = torch.Generator().manual_seed(hp.seed)
        _, self.val_set = random_split(plain, lengths, generator=g)

    def train_dataloader(self):
        return DataLoader(self.train_set, batch_size=self.hparams.batch_size, shuffle=True,
                          num_workers=self.hparams.workers, pin_memory=True,
                          persistent_workers=True, drop_last=True)

    def val_dataloader(self):
        return DataLoader(self.val_set, batch_size=self.hparams.batch_size * 2,
                          num_workers=self.hparams.workers, pin_memory=True,
                          persistent_workers=True)


class MushroomNet(L.LightningModule):
    def __init__(self, num_classes: int = 9, lr: float = 3e-4, weight_decay: float = 1e-4,
                 epochs: int = 18):
        super().__init__()
        self.save_hyperparameters()
        self.net = models.efficientnet_b0(weights=models.EfficientNet_B0_Weights.IMAGENET1K_V1)
        self.net.classifier[1] = nn.Linear(self.net.classifier[1].in_features, num_classes)
        self.criterion = nn.CrossEntropyLoss()
        self.val_acc = MulticlassAccuracy(num_classes=num_classes, average="micro")

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = self.criterion(self(x), y)
        self.log("train_loss", loss, on_step=False, on_epoch=True)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        logits = self(x)
        self.val_acc(logits, y)
        self.log("val_loss", self.criterion(logits, y))
        self.log("val_acc", self.val_acc, prog_bar=True)

    def configure_optimizers(self):
        opt = torch.optim.AdamW(self.parameters(), lr=self.hparams.lr,
                                weight_decay=self.hparams.weight_decay)
        sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=self.hparams.epochs)
        return {"optimizer": opt, "lr_scheduler": sched}


def main():
    ap = ArgumentParser()
    ap.add_argument("--root", default="data/mushrooms")
    ap.add_argument("--epochs", type=int, default=18)
    args = ap.parse_args()

    L.seed_everything(2023, workers=True)
    trainer = L.Trainer(
        max_epochs=args.epochs,
        accelerator="auto",
        devices=1,
        precision="16-mixed",
        gradient_clip_val=1.0,
        callbacks=[ModelCheckpoint(monitor="val_acc", mode="max"), LearningRateMonitor("epoch")],
    )
    trainer.fit(MushroomNet(epochs=args.epochs), datamodule=MushroomData(args.root))
    print("best checkpoint:", trainer.checkpoint_callback.best_model_path)


if __name__ == "__main__":
    main()
