"""Fine-tune a ResNet-18 on ten kinds of photographs with Lightning."""
import lightning as L
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchmetrics.classification import MulticlassAccuracy
from torchvision import transforms as T
from torchvision.datasets import ImageFolder
from torchvision.models import resnet18

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Photos(L.LightningDataModule):
    def __init__(self, root="photos", batch_size=24):
        super().__init__()
        self.save_hyperparameters()

    def setup(self, stage=None):
        norm = [T.ToTensor(), T.Normalize(MEAN, STD)]
        self.train_set = ImageFolder(f"{self.hparams.root}/train", T.Compose(
            [T.RandomResizedCrop(64, (0.6, 1.0)), T.RandomHorizontalFlip(), *norm]))
        self.val_set = ImageFolder(f"{self.hparams.root}/val", T.Compose([T.Resize((64, 64)), *norm]))

    def train_dataloader(self):
        return DataLoader(self.train_set, self.hparams.batch_size, shuffle=True, drop_last=True)

    def val_dataloader(self):
        return DataLoader(self.val_set, 50)


class FineTuner(L.LightningModule):
    def __init__(self, checkpoint, classes, lr=0.01, weight_decay=1e-4):
        super().__init__()
        self.save_hyperparameters()
        self.net = resnet18(num_classes=10)
        self.net.load_state_dict(torch.load(checkpoint, map_location="cpu"))
        self.criterion = nn.CrossEntropyLoss(label_smoothing=0.05)
        self.train_acc = MulticlassAccuracy(num_classes=classes, average="micro")
        self.val_acc = MulticlassAccuracy(num_classes=classes, average="micro")

    def on_train_start(self):
        # a fresh classifier for this run
        width = self.net.fc.in_features
        self.net.fc = nn.Sequential(nn.Dropout(0.2), nn.Linear(width, self.hparams.classes)).to(self.device)

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, _):
        x, y = batch
        z = self(x)
        loss = self.criterion(z, y)
        self.train_acc(z, y)
        self.log("loss", loss, prog_bar=True)
        self.log("acc", self.train_acc, on_step=False, on_epoch=True, prog_bar=True)
        return loss

    def validation_step(self, batch, _):
        x, y = batch
        z = self(x)
        self.val_acc(z, y)
        self.log("val_loss", self.criterion(z, y), prog_bar=True)
        self.log("val_acc", self.val_acc, prog_bar=True)

    def configure_optimizers(self):
        opt = torch.optim.SGD(self.parameters(), lr=self.hparams.lr, momentum=0.9,
                              weight_decay=self.hparams.weight_decay)
        sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=self.trainer.max_epochs)
        return {"optimizer": opt, "lr_scheduler": {"scheduler": sched, "interval": "epoch"}}


if __name__ == "__main__":
    L.seed_everything(1)
    trainer = L.Trainer(max_epochs=30, accelerator="cpu", logger=False, enable_checkpointing=False,
                        num_sanity_val_steps=0, log_every_n_steps=5)
    trainer.fit(FineTuner("weights/resnet18_small.pth", classes=10), datamodule=Photos())
