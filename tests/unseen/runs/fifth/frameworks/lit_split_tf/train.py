"""Stamps with a random split, gradient accumulation by the Trainer."""
import lightning.pytorch as pl
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, random_split
from torchvision import transforms as T
from torchvision.datasets import ImageFolder
from torchvision.models import mobilenet_v3_small

ROOT, SIZE, BATCH, EPOCHS = "stamps", 80, 16, 50

train_transform = T.Compose([
    T.RandomResizedCrop(SIZE, scale=(0.3, 1.0)),
    T.RandomHorizontalFlip(),
    T.RandomRotation(25, fill=255),
    T.ColorJitter(0.4, 0.4, 0.4, 0.1),
    T.ToTensor(),
    T.Normalize([0.7, 0.68, 0.65], [0.32, 0.32, 0.34]),
])
val_transform = T.Compose([
    T.Resize((SIZE, SIZE)),
    T.ToTensor(),
    T.Normalize([0.7, 0.68, 0.65], [0.32, 0.32, 0.34]),
])


class StampData(pl.LightningDataModule):
    def setup(self, stage=None):
        full = ImageFolder(ROOT)
        n_val = len(full) // 5
        self.train_set, self.val_set = random_split(
            full, [len(full) - n_val, n_val], generator=torch.Generator().manual_seed(3))
        self.val_set.dataset.transform = val_transform
        self.train_set.dataset.transform = train_transform
        self.classes = full.classes

    def train_dataloader(self):
        return DataLoader(self.train_set, BATCH, shuffle=True, drop_last=True)

    def val_dataloader(self):
        return DataLoader(self.val_set, BATCH)


class StampNet(pl.LightningModule):
    def __init__(self, n):
        super().__init__()
        self.net = mobilenet_v3_small(weights=None, num_classes=n)
        for m in self.net.modules():
            if isinstance(m, nn.BatchNorm2d):
                m.momentum = 0.1

    def training_step(self, batch, i):
        x, y = batch
        loss = F.cross_entropy(self.net(x), y)
        self.log("train_loss", loss, on_epoch=True, prog_bar=True)
        return loss

    def on_validation_epoch_start(self):
        self.right = self.seen = 0

    def validation_step(self, batch, i):
        x, y = batch
        self.right += (self.net(x).argmax(1) == y).sum().item()
        self.seen += len(y)

    def on_validation_epoch_end(self):
        self.log("val_acc", self.right / self.seen, prog_bar=True)

    def configure_optimizers(self):
        opt = torch.optim.AdamW(self.parameters(), lr=2e-3, weight_decay=0.02)
        total = self.trainer.estimated_stepping_batches
        warm = max(1, total // 20)
        sched = torch.optim.lr_scheduler.SequentialLR(opt, [
            torch.optim.lr_scheduler.LinearLR(opt, 0.05, total_iters=warm),
            torch.optim.lr_scheduler.CosineAnnealingLR(opt, total - warm)], [warm])
        return [opt], [{"scheduler": sched, "interval": "step"}]


if __name__ == "__main__":
    pl.seed_everything(3)
    data = StampData()
    data.setup()
    trainer = pl.Trainer(max_epochs=EPOCHS, accelerator="cpu", accumulate_grad_batches=2,
                         gradient_clip_val=1.0, logger=False, enable_checkpointing=False, log_every_n_steps=5)
    trainer.fit(StampNet(len(data.classes)), datamodule=data)
