import argparse
import os

import lightning as L
from lightning.pytorch.callbacks import LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from torch.utils.data import DataLoader
from torchvision import datasets, transforms as T

from config import Config
from engine import Recognizer

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def loaders(cfg):
    train_tf = T.Compose([
        T.RandomResizedCrop(cfg.image_size, scale=(0.5, 1.0)),
        T.RandomHorizontalFlip(),
        T.ToTensor(),
        T.Normalize(MEAN, STD),
    ])
    test_tf = T.Compose([
        T.Resize(cfg.image_size),
        T.CenterCrop(cfg.image_size),
        T.ToTensor(),
        T.Normalize(MEAN, STD),
    ])
    train = datasets.ImageFolder(os.path.join(cfg.data, "train"), train_tf)
    val = datasets.ImageFolder(os.path.join(cfg.data, "val"), test_tf)
    kw = dict(batch_size=cfg.batch_size, num_workers=cfg.workers, persistent_workers=cfg.workers > 0)
    return DataLoader(train, shuffle=True, drop_last=True, **kw), DataLoader(val, **kw), train.classes


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default="objects10")
    parser.add_argument("--lr", type=float, default=0.05)
    parser.add_argument("--epochs", type=int, default=90)
    a = parser.parse_args()
    cfg = Config(data=a.data, lr=a.lr, epochs=a.epochs)

    L.seed_everything(cfg.seed, workers=True)
    train_loader, val_loader, classes = loaders(cfg)
    print(f"{len(train_loader.dataset)} training images, {len(classes)} classes")

    trainer = L.Trainer(
        max_epochs=cfg.epochs,
        accelerator="auto",
        devices=1,
        logger=CSVLogger("lightning_logs", name="plankton"),
        callbacks=[ModelCheckpoint(monitor="val/acc", mode="max", filename="best"), LearningRateMonitor("epoch")],
    )
    trainer.fit(Recognizer(cfg, len(classes)), train_loader, val_loader)
