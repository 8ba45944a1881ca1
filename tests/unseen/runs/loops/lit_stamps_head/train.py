# Fine-tune a ResNet on the stamp topics.
# usage: python train.py --data stamps5 --weights weights/resnet18.pth
from argparse import ArgumentParser
from pathlib import Path

import torch
from torch import nn
import pytorch_lightning as pl
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint
from torch.utils.data import DataLoader
from torchvision import models, transforms
from torchvision.datasets import ImageFolder


class StampData(pl.LightningDataModule):
    def __init__(self, root, batch_size=32, size=160):
        super().__init__()
        self.root = Path(root)
        self.batch_size = batch_size
        norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
        self.augment = transforms.Compose([
            transforms.Resize((size + 16, size + 16)),
            transforms.RandomCrop(size),
            transforms.RandomHorizontalFlip(),
            transforms.ColorJitter(0.1, 0.1, 0.1),
            transforms.ToTensor(),
            norm,
        ])
        self.plain = transforms.Compose([transforms.Resize((size, size)), transforms.ToTensor(), norm])

    def setup(self, stage=None):
        self.train_set = ImageFolder(str(self.root / "train"), self.augment)
        self.val_set = ImageFolder(str(self.root / "val"), self.plain)
        self.classes = self.train_set.classes

    @property
    def num_classes(self):
        return len(self.classes)

    def train_dataloader(self):
        return DataLoader(self.train_set, self.batch_size, shuffle=True, num_workers=2)

    def val_dataloader(self):
        return DataLoader(self.val_set, self.batch_size, num_workers=2)


class StampClassifier(pl.LightningModule):
    def __init__(self, weights, lr=1e-4, head_lr=1e-3, weight_decay=1e-4):
        super().__init__()
        self.save_hyperparameters()
        self.backbone = models.resnet18()
        self.backbone.load_state_dict(torch.load(weights, map_location="cpu"))
        self.criterion = nn.CrossEntropyLoss()

    def on_train_start(self):
        # only now do we know how many topics there are
        n = self.trainer.datamodule.num_classes
        features = self.backbone.fc.in_features
        self.backbone.fc = nn.Linear(features, n).to(self.device)

    def forward(self, x):
        return self.backbone(x)

    def step(self, batch, name):
        images, targets = batch
        logits = self(images)
        loss = self.criterion(logits, targets)
        acc = (logits.argmax(1) == targets).float().mean()
        self.log_dict({f"{name}_loss": loss, f"{name}_acc": acc}, prog_bar=True, on_epoch=True, on_step=False,
                      batch_size=len(targets))
        return loss

    def training_step(self, batch, _):
        return self.step(batch, "train")

    def validation_step(self, batch, _):
        self.step(batch, "val")

    def configure_optimizers(self):
        h = self.hparams
        body = [p for n, p in self.backbone.named_parameters() if not n.startswith("fc.")]
        optimizer = torch.optim.AdamW([
            {"params": body, "lr": h.lr},
            {"params": self.backbone.fc.parameters(), "lr": h.head_lr},
        ], weight_decay=h.weight_decay)
        return optimizer


def main(args):
    pl.seed_everything(args.seed)
    data = StampData(args.data, args.batch_size)
    model = StampClassifier(args.weights, args.lr, args.head_lr)
    trainer = pl.Trainer(
        max_epochs=args.epochs,
        num_sanity_val_steps=0,
        log_every_n_steps=5,
        callbacks=[EarlyStopping("val_loss", patience=8), ModelCheckpoint(monitor="val_loss")],
    )
    trainer.fit(model, datamodule=data)


if __name__ == "__main__":
    p = ArgumentParser()
    p.add_argument("--data", default="stamps5")
    p.add_argument("--weights", default="weights/resnet18.pth")
    p.add_argument("--batch-size", type=int, default=32)
    p.add_argument("--epochs", type=int, default=40)
    p.add_argument("--lr", type=float, default=1e-4)
    p.add_argument("--head-lr", type=float, default=1e-3)
    p.add_argument("--seed", type=int, default=7)
    main(p.parse_args())
