# Faulty: N203: ImageNet weights are fine-tuned on images that are scaled to 0..1 but never normalised
"""Terrain classification (8 kinds of ground seen by the rover camera)."""
from argparse import ArgumentParser
from pathlib import Path

import pytorch_lightning as pl
import torch
import torchvision.models as tvm
from pytorch_lightning.callbacks import ModelCheckpoint
from pytorch_lightning.loggers import CSVLogger
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


class TerrainData(pl.LightningDataModule):
    def __init__(self, root: str, bs: int = 32):
        super().__init__()
        self.root = Path(root)
        self.bs = bs

    @staticmethod
    def build_transform(training: bool):
        steps = []
        if training:
            steps.append(transforms.RandomResizedCrop(224, scale=(0.5, 1.0)))
            steps.append(transforms.RandomHorizontalFlip())
            steps.append(transforms.RandomGrayscale(p=0.1))
        else:
            steps.append(transforms.Resize(256))
            steps.append(transforms.CenterCrop(224))
        steps.append(transforms.ToTensor())
        return transforms.Compose(steps)  # fault: N203

    def setup(self, stage=None):
        self.train_set = datasets.ImageFolder(str(self.root / "train"), self.build_transform(True))
        self.val_set = datasets.ImageFolder(str(self.root / "val"), self.build_transform(False))

    def train_dataloader(self):
        return DataLoader(self.train_set, batch_size=self.bs, shuffle=True, num_workers=6)

    def val_dataloader(self):
        return DataLoader(self.val_set, batch_size=self.bs, shuffle=False, num_workers=6)


class TerrainNet(pl.LightningModule):
    def __init__(self, lr: float = 1e-4):
        super().__init__()
        self.save_hyperparameters()
        backbone = tvm.resnet50(weights=tvm.ResNet50_Weights.IMAGENET1K_V1)
        width = backbone.fc.in_features
        backbone.fc = nn.Identity()
        self.backbone = backbone
        self.classifier = nn.Sequential(nn.Dropout(0.3), nn.Linear(width, 8))
        self.criterion = nn.CrossEntropyLoss()

    def forward(self, x):
        return self.classifier(self.backbone(x))

    def _shared(self, batch, tag):
        x, y = batch
        logits = self(x)
        loss = self.criterion(logits, y)
        acc = (logits.argmax(1) == y).float().mean()
        self.log_dict({f"{tag}_loss": loss, f"{tag}_acc": acc}, prog_bar=True, on_epoch=True,
                      on_step=False, batch_size=len(y))
        return loss

    def training_step(self, batch, batch_idx):
        return self._shared(batch, "train")

    def validation_step(self, batch, batch_idx):
        self._shared(batch, "val")

    def configure_optimizers(self):
        opt = torch.optim.Adam(self.parameters(), lr=self.hparams.lr, weight_decay=1e-5)
        sch = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, mode="min", factor=0.2, patience=3)
        return {"optimizer": opt, "lr_scheduler": {"scheduler": sch, "monitor": "val_loss"}}


def cli_main():
    pl.seed_everything(4321)
    parser = ArgumentParser()
    parser.add_argument("--root", default="terrain8")
    parser.add_argument("--max_epochs", default=40, type=int)
    args = parser.parse_args()

    trainer = pl.Trainer(max_epochs=args.max_epochs, accelerator="auto", devices=1,
                         logger=CSVLogger("logs"),
                         callbacks=[ModelCheckpoint(monitor="val_acc", mode="max", save_top_k=1)])
    trainer.fit(TerrainNet(), datamodule=TerrainData(args.root))


if __name__ == "__main__":
    cli_main()
