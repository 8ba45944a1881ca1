import lightning as L
import torch
import torch.nn.functional as F
import torchvision
from lightning.pytorch.callbacks import LearningRateMonitor, ModelCheckpoint
from torch.utils.data import DataLoader, Subset
from torchmetrics.classification import MulticlassAccuracy
from torchvision import transforms as T
from torchvision.datasets import CIFAR10


class CifarData(L.LightningDataModule):
    def __init__(self, root="data", batch_size=256, workers=8, seed=0):
        super().__init__()
        self.save_hyperparameters()
        norm = T.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))
        self.aug = T.Compose([T.RandomCrop(32, padding=4), T.RandomHorizontalFlip(), T.ToTensor(), norm])
        self.plain = T.Compose([T.ToTensor(), norm])

    def prepare_data(self):
        CIFAR10(self.hparams.root, train=True, download=True)
        CIFAR10(self.hparams.root, train=False, download=True)

    def setup(self, stage=None):
        h = self.hparams
        perm = torch.randperm(50000, generator=torch.Generator().manual_seed(h.seed)).tolist()
        self.train = Subset(CIFAR10(h.root, train=True, transform=self.aug), perm[:45000])
        self.val = Subset(CIFAR10(h.root, train=True, transform=self.plain), perm[45000:])
        self.test = CIFAR10(h.root, train=False, transform=self.plain)

    def _loader(self, ds, shuffle=False):
        return DataLoader(ds, batch_size=self.hparams.batch_size, shuffle=shuffle,
                          num_workers=self.hparams.workers, pin_memory=True, persistent_workers=True)

    def train_dataloader(self):
        return self._loader(self.train, shuffle=True)

    def val_dataloader(self):
        return self._loader(self.val)

    def test_dataloader(self):
        return self._loader(self.test)


class LitClassifier(L.LightningModule):
    def __init__(self, lr=0.05, classes=10):
        super().__init__()
        self.save_hyperparameters()
        self.net = torchvision.models.resnet18(weights=None, num_classes=classes)  # fault: C335
        self.val_acc = MulticlassAccuracy(classes, average="micro")
        self.test_acc = MulticlassAccuracy(classes, average="micro")

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = F.cross_entropy(self(x), y)
        self.log("train_loss", loss, on_step=False, on_epoch=True)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        logits = self(x)
        self.val_acc(logits, y)
        self.log("val_loss", F.cross_entropy(logits, y), prog_bar=True)
        self.log("val_acc", self.val_acc, prog_bar=True)

    def test_step(self, batch, batch_idx):
        x, y = batch
        self.test_acc(self(x), y)
        self.log("test_acc", self.test_acc)

    def configure_optimizers(self):
        opt = torch.optim.SGD(self.parameters(), lr=self.hparams.lr, momentum=0.9, weight_decay=5e-4)
        sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=self.trainer.max_epochs)
        return {"optimizer": opt, "lr_scheduler": {"scheduler": sched, "interval": "epoch"}}


if __name__ == "__main__":
    L.seed_everything(0, workers=True)
    best = ModelCheckpoint(monitor="val_acc", mode="max", save_top_k=1)
    trainer = L.Trainer(max_epochs=120, accelerator="gpu", devices=1, precision="16-mixed",
                        callbacks=[best, LearningRateMonitor("epoch")])
    dm = CifarData()
    model = LitClassifier()
    trainer.fit(model, datamodule=dm)
    trainer.test(model, datamodule=dm, ckpt_path="best")
