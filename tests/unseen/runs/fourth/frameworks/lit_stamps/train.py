"""Fine-tune a ResNet-18 that was trained on photographs to sort the pictures of a stamp book.

Example:
    python train.py --data stampbook --weights weights/resnet18_photos10.pth
"""
import argparse

import lightning as L
import torch
import torch.nn.functional as F
from lightning.pytorch.callbacks import LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from torch import nn
from torchmetrics.classification import MulticlassAccuracy
from torchvision.models import resnet18

from stamp_data import StampDataModule


class StampClassifier(L.LightningModule):
    def __init__(self, weights: str, source_classes: int = 10, lr_backbone: float = 1e-4,
                 lr_head: float = 1e-3, weight_decay: float = 1e-2, max_epochs: int = 40):
        super().__init__()
        self.save_hyperparameters()
        self.net = resnet18(num_classes=source_classes)
        state = torch.load(weights, map_location="cpu", weights_only=True)
        self.net.load_state_dict(state)
        self.train_acc = None
        self.val_acc = None

    # the number of classes is known only when the data module has looked at the folders
    def on_fit_start(self):
        dm = self.trainer.datamodule
        if self.net.fc.out_features != dm.num_classes:
            head = nn.Linear(self.net.fc.in_features, dm.num_classes)
            nn.init.trunc_normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)
            self.net.fc = head.to(self.device)
        self.train_acc = MulticlassAccuracy(dm.num_classes, average="micro").to(self.device)
        self.val_acc = MulticlassAccuracy(dm.num_classes, average="micro").to(self.device)

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, batch_idx):
        x, y = batch
        logits = self(x)
        loss = F.cross_entropy(logits, y, label_smoothing=0.05)
        self.train_acc(logits, y)
        self.log("train/loss", loss, prog_bar=True)
        self.log("train/acc", self.train_acc, on_step=False, on_epoch=True)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        logits = self(x)
        self.val_acc(logits, y)
        self.log("val/loss", F.cross_entropy(logits, y), prog_bar=True)
        self.log("val/acc", self.val_acc, prog_bar=True)

    def configure_optimizers(self):
        hp = self.hparams
        head = list(self.net.fc.parameters())
        taken = {id(p) for p in head}
        backbone = [p for p in self.net.parameters() if id(p) not in taken]
        optimizer = torch.optim.AdamW(
            [
                {"params": backbone, "lr": hp.lr_backbone, "name": "backbone"},
                {"params": head, "lr": hp.lr_head, "name": "head"},
            ],
            weight_decay=hp.weight_decay,
        )
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=hp.max_epochs)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "epoch"}}


def parse_args():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", default="stampbook")
    p.add_argument("--weights", default="weights/resnet18_photos10.pth")
    p.add_argument("--epochs", type=int, default=40)
    p.add_argument("--batch-size", type=int, default=16)
    p.add_argument("--image-size", type=int, default=64)
    p.add_argument("--lr-backbone", type=float, default=1e-4)
    p.add_argument("--lr-head", type=float, default=1e-3)
    p.add_argument("--workers", type=int, default=0)
    p.add_argument("--seed", type=int, default=7)
    return p.parse_args()


def main():
    args = parse_args()
    L.seed_everything(args.seed, workers=True)

    data = StampDataModule(args.data, args.image_size, args.batch_size, num_workers=args.workers, seed=args.seed)
    model = StampClassifier(args.weights, lr_backbone=args.lr_backbone, lr_head=args.lr_head, max_epochs=args.epochs)

    trainer = L.Trainer(
        max_epochs=args.epochs,
        accelerator="auto",
        devices=1,
        logger=CSVLogger("runs", name="stamps"),
        log_every_n_steps=5,
        callbacks=[
            ModelCheckpoint(monitor="val/acc", mode="max", save_top_k=1, filename="best"),
            LearningRateMonitor("epoch"),
        ],
    )
    trainer.fit(model, datamodule=data)
    print("best accuracy on the held-out stamps:", float(trainer.checkpoint_callback.best_model_score))


if __name__ == "__main__":
    main()
