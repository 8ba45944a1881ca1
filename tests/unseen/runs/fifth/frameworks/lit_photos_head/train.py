"""Lightning classifier that takes the number of classes from the datamodule."""
import argparse

import lightning as L
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchmetrics.classification import MulticlassAccuracy
from torchvision import datasets, models, transforms as T

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class PhotoData(L.LightningDataModule):
    def __init__(self, root, batch_size, workers):
        super().__init__()
        self.save_hyperparameters()

    def setup(self, stage=None):
        train_tf = T.Compose([T.RandomCrop(64, padding=6, padding_mode="reflect"), T.RandomHorizontalFlip(),
                              T.ToTensor(), T.Normalize(MEAN, STD)])
        eval_tf = T.Compose([T.ToTensor(), T.Normalize(MEAN, STD)])
        self.train_set = datasets.ImageFolder(f"{self.hparams.root}/train", train_tf)
        self.val_set = datasets.ImageFolder(f"{self.hparams.root}/val", eval_tf)

    @property
    def num_classes(self):
        return len(self.train_set.classes)

    def train_dataloader(self):
        return DataLoader(self.train_set, self.hparams.batch_size, shuffle=True, num_workers=self.hparams.workers)

    def val_dataloader(self):
        return DataLoader(self.val_set, 60, num_workers=self.hparams.workers)


class PhotoNet(L.LightningModule):
    def __init__(self, lr=3e-4, weight_decay=1e-2, weights=None):
        super().__init__()
        self.save_hyperparameters()
        self.net = models.resnet18(weights=None)
        if weights:
            state = torch.load(weights, map_location="cpu")
            state = {k: v for k, v in state.items() if not k.startswith("fc.")}
            missing, unexpected = self.net.load_state_dict(state, strict=False)
            assert set(missing) == {"fc.weight", "fc.bias"} and not unexpected

    def on_fit_start(self):
        classes = self.trainer.datamodule.num_classes
        self.net.fc = nn.Linear(self.net.fc.in_features, classes).to(self.device)
        self.val_acc = MulticlassAccuracy(classes, average="micro").to(self.device)

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, _):
        x, y = batch
        loss = F.cross_entropy(self(x), y)
        self.log("train_loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch, _):
        x, y = batch
        logits = self(x)
        self.val_acc(logits, y)
        self.log("val_loss", F.cross_entropy(logits, y), on_epoch=True)
        self.log("val_acc", self.val_acc, on_epoch=True, prog_bar=True)

    def configure_optimizers(self):
        opt = torch.optim.AdamW(self.net.parameters(), lr=self.hparams.lr, weight_decay=self.hparams.weight_decay)
        sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=self.trainer.max_epochs)
        return {"optimizer": opt, "lr_scheduler": sched}


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--root", default="photos")
    p.add_argument("--weights", default="weights/resnet18_64.pth")
    p.add_argument("--epochs", type=int, default=30)
    p.add_argument("--batch-size", type=int, default=32)
    p.add_argument("--workers", type=int, default=0)
    a = p.parse_args()
    L.seed_everything(6)
    trainer = L.Trainer(max_epochs=a.epochs, accelerator="cpu", log_every_n_steps=10, logger=False,
                        enable_checkpointing=False)
    trainer.fit(PhotoNet(weights=a.weights), datamodule=PhotoData(a.root, a.batch_size, a.workers))
