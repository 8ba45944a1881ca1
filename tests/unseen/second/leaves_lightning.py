# Sound.
import lightning as L
import torch
import torch.nn.functional as F
from lightning.pytorch.callbacks import LearningRateMonitor, ModelCheckpoint
from torch import nn
from torch.utils.data import DataLoader, Subset
from torchmetrics.classification import MulticlassAccuracy
from torchvision.datasets import ImageFolder
from torchvision.models import densenet121
from torchvision.transforms import v2

IMAGENET = dict(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])


class Leaves(L.LightningDataModule):
    def __init__(self, folder="leafsnap", batch_size=48, val_share=0.15):
        super().__init__()
        self.save_hyperparameters()
        to_float = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(**IMAGENET)]
        self.aug = v2.Compose([
            v2.RandomResizedCrop(224, scale=(0.35, 1.0), antialias=True),
            v2.RandomHorizontalFlip(0.5),
            v2.RandomRotation(25),
            *to_float,
        ])
        self.plain = v2.Compose([v2.Resize(256, antialias=True), v2.CenterCrop(224), *to_float])

    def setup(self, stage=None):
        # the folder is opened twice so each half keeps its own transform
        with_aug = ImageFolder(self.hparams.folder, transform=self.aug)
        without = ImageFolder(self.hparams.folder, transform=self.plain)
        order = torch.randperm(len(with_aug), generator=torch.Generator().manual_seed(5)).tolist()
        cut = int(len(order) * self.hparams.val_share)
        self.val = Subset(without, order[:cut])
        self.train = Subset(with_aug, order[cut:])

    def train_dataloader(self):
        return DataLoader(self.train, self.hparams.batch_size, shuffle=True, num_workers=8, drop_last=True)

    def val_dataloader(self):
        return DataLoader(self.val, self.hparams.batch_size, num_workers=8)


class LeafClassifier(L.LightningModule):
    def __init__(self, species=185, lr=0.01, momentum=0.9, wd=1e-4):
        super().__init__()
        self.save_hyperparameters()
        self.net = densenet121(weights="DEFAULT")
        self.net.classifier = nn.Linear(self.net.classifier.in_features, species)
        self.acc = MulticlassAccuracy(num_classes=species, average="micro")

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, _):
        x, y = batch
        loss = F.cross_entropy(self(x), y)
        self.log("loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch, _):
        x, y = batch
        logits = self(x)
        self.acc(logits, y)
        self.log("val_loss", F.cross_entropy(logits, y))
        self.log("val_acc", self.acc, prog_bar=True)

    def configure_optimizers(self):
        hp = self.hparams
        opt = torch.optim.SGD(self.parameters(), lr=hp.lr, momentum=hp.momentum, weight_decay=hp.wd)
        sch = torch.optim.lr_scheduler.MultiStepLR(opt, milestones=[20, 32], gamma=0.1)
        return [opt], [sch]


if __name__ == "__main__":
    L.seed_everything(7, workers=True)
    trainer = L.Trainer(
        max_epochs=40,
        precision="16-mixed",
        callbacks=[ModelCheckpoint(monitor="val_acc", mode="max"), LearningRateMonitor()],
    )
    trainer.fit(LeafClassifier(), datamodule=Leaves())
