# Faulty: C314: OneCycleLR counts batches (estimated_stepping_batches), but Lightning steps it once per epoch.
from argparse import ArgumentParser

import pytorch_lightning as pl
import timm
import torch
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder


def build_transforms(train: bool):
    first = (
        [transforms.RandomResizedCrop(224), transforms.RandomHorizontalFlip(), transforms.AugMix()]
        if train
        else [transforms.Resize(256), transforms.CenterCrop(224)]
    )
    return transforms.Compose(
        first
        + [
            transforms.ToTensor(),
            transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        ]
    )


class FocalLoss(nn.Module):
    def __init__(self, gamma=2.0):
        super().__init__()
        self.gamma = gamma

    def forward(self, logits, target):
        log_pt = logits.log_softmax(dim=-1).gather(1, target[:, None]).squeeze(1)
        return (-((1 - log_pt.exp()) ** self.gamma) * log_pt).mean()


class MammalNet(pl.LightningModule):
    def __init__(self, arch: str, num_classes: int, max_lr: float, weight_decay: float):
        super().__init__()
        self.save_hyperparameters()
        self.backbone = timm.create_model(arch, pretrained=True, num_classes=num_classes)
        self.criterion = FocalLoss()

    def forward(self, x):
        return self.backbone(x)

    def training_step(self, batch, batch_idx):
        images, labels = batch
        loss = self.criterion(self(images), labels)
        self.log("train/loss", loss)
        return loss

    def validation_step(self, batch, batch_idx):
        images, labels = batch
        logits = self(images)
        acc = (logits.argmax(dim=1) == labels).float().mean()
        self.log_dict({"val/loss": self.criterion(logits, labels), "val/acc": acc}, prog_bar=True)

    def configure_optimizers(self):
        optimizer = torch.optim.AdamW(
            self.parameters(), lr=self.hparams.max_lr, weight_decay=self.hparams.weight_decay
        )
        one_cycle = torch.optim.lr_scheduler.OneCycleLR(
            optimizer,
            max_lr=self.hparams.max_lr,
            total_steps=self.trainer.estimated_stepping_batches,
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": one_cycle, "name": "lr"},  # fault: C314
        }


def main(args):
    pl.seed_everything(args.seed)
    train_set = ImageFolder(f"{args.data}/train", transform=build_transforms(True))
    val_set = ImageFolder(f"{args.data}/val", transform=build_transforms(False))
    model = MammalNet(args.arch, num_classes=45, max_lr=args.max_lr, weight_decay=args.weight_decay)
    trainer = pl.Trainer(
        max_epochs=args.epochs,
        accelerator="auto",
        devices=1,
        gradient_clip_val=1.0,
        callbacks=[
            ModelCheckpoint(monitor="val/acc", mode="max", save_top_k=1),
            EarlyStopping(monitor="val/loss", patience=6),
        ],
    )
    trainer.fit(
        model,
        DataLoader(train_set, batch_size=args.batch_size, shuffle=True, num_workers=8, drop_last=True),
        DataLoader(val_set, batch_size=args.batch_size, num_workers=8),
    )


if __name__ == "__main__":
    ap = ArgumentParser()
    ap.add_argument("--data", default="mammals45")
    ap.add_argument("--arch", default="resnet26d")
    ap.add_argument("--batch_size", type=int, default=72)
    ap.add_argument("--epochs", type=int, default=30)
    ap.add_argument("--max_lr", type=float, default=5e-4)
    ap.add_argument("--weight_decay", type=float, default=0.03)
    ap.add_argument("--seed", type=int, default=55)
    main(ap.parse_args())
