# Vehicles from a table: image file, label name. ResNet-18 from local weights, mixup, 1cycle.
import os

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
import torchvision
import pytorch_lightning as pl
from PIL import Image
from pytorch_lightning.callbacks import LearningRateMonitor, ModelCheckpoint
from pytorch_lightning.loggers import CSVLogger
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

CFG = dict(
    seed=2021,
    root="vehicles",
    weights="weights/resnet18.pth",
    size=128,
    bs=32,
    epochs=25,
    max_lr=1e-3,
    wd=1e-2,
    mixup=0.4,
    workers=2,
)

LABELS = ["airplane", "automobile", "ship", "truck"]
label2id = {n: i for i, n in enumerate(LABELS)}


class VehicleDataset(Dataset):
    def __init__(self, df, tf):
        self.files = df["filename"].tolist()
        self.y = df["label"].map(label2id).to_numpy()
        self.tf = tf

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        img = Image.open(os.path.join(CFG["root"], "images", self.files[i])).convert("RGB")
        return self.tf(img), torch.tensor(self.y[i])


def get_transforms(train):
    tail = [transforms.ToTensor(), transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))]
    if train:
        return transforms.Compose([
            transforms.Resize((CFG["size"], CFG["size"])),
            transforms.RandomHorizontalFlip(),
            transforms.RandomAffine(8, translate=(0.06, 0.06)),
        ] + tail)
    return transforms.Compose([transforms.Resize((CFG["size"], CFG["size"]))] + tail)


def mixup(x, y, alpha):
    """y: integer labels -> soft targets"""
    y = nn.functional.one_hot(y, len(LABELS)).float()
    lam = float(np.random.beta(alpha, alpha))
    perm = torch.randperm(x.size(0), device=x.device)
    return lam * x + (1 - lam) * x[perm], lam * y + (1 - lam) * y[perm]


class LitVehicles(pl.LightningModule):
    def __init__(self):
        super().__init__()
        net = torchvision.models.resnet18(weights=None)
        net.load_state_dict(torch.load(CFG["weights"], map_location="cpu"))
        net.fc = nn.Linear(net.fc.in_features, len(LABELS))
        self.net = net
        self.loss = nn.CrossEntropyLoss()
        self.outputs = []

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, idx):
        x, y = mixup(*batch, CFG["mixup"])
        loss = self.loss(self.net(x), y)
        self.log("loss", loss, on_step=True, prog_bar=True)
        return loss

    def validation_step(self, batch, idx):
        x, y = batch
        out = self.net(x)
        self.log("val_loss", self.loss(out, y), prog_bar=True)
        self.outputs.append((out.argmax(1).cpu(), y.cpu()))

    def on_validation_epoch_end(self):
        p = torch.cat([a for a, _ in self.outputs])
        t = torch.cat([b for _, b in self.outputs])
        self.outputs.clear()
        self.log("val_acc", (p == t).float().mean(), prog_bar=True)

    def configure_optimizers(self):
        # the body learns ten times slower than the new layer
        groups = [
            {"params": [p for n, p in self.net.named_parameters() if "fc." not in n], "lr": CFG["max_lr"] / 10},
            {"params": self.net.fc.parameters(), "lr": CFG["max_lr"]},
        ]
        opt = torch.optim.AdamW(groups, weight_decay=CFG["wd"])
        sch = torch.optim.lr_scheduler.OneCycleLR(
            opt, max_lr=[CFG["max_lr"] / 10, CFG["max_lr"]],
            total_steps=int(self.trainer.estimated_stepping_batches), pct_start=0.25)
        return [opt], [{"scheduler": sch, "interval": "step"}]


def main():
    pl.seed_everything(CFG["seed"])
    train_df = pd.read_csv(f"{CFG['root']}/train.csv")
    valid_df = pd.read_csv(f"{CFG['root']}/valid.csv")
    train_dl = DataLoader(VehicleDataset(train_df, get_transforms(True)), CFG["bs"], shuffle=True,
                          num_workers=CFG["workers"], drop_last=True)
    valid_dl = DataLoader(VehicleDataset(valid_df, get_transforms(False)), CFG["bs"], num_workers=CFG["workers"])
    trainer = pl.Trainer(
        max_epochs=CFG["epochs"],
        gradient_clip_val=1.0,
        logger=CSVLogger("logs", "vehicles"),
        callbacks=[LearningRateMonitor("step"), ModelCheckpoint(monitor="val_acc", mode="max")],
    )
    trainer.fit(LitVehicles(), train_dl, valid_dl)


if __name__ == "__main__":
    main()
