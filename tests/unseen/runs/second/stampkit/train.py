import lightning as L
import torch
import torch.nn.functional as F
from lightning.pytorch.callbacks import LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from torchmetrics.classification import MulticlassAccuracy
from torchvision.models import resnet18

from datamodule import StampData


class StampNet(L.LightningModule):
    def __init__(self, num_classes, lr=0.01, weight_decay=1e-4, epochs=50, weights="weights/resnet18.pth"):
        super().__init__()
        self.save_hyperparameters()
        self.net = resnet18()
        self.net.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
        self.net.fc = torch.nn.Linear(self.net.fc.in_features, num_classes)
        self.train_acc = MulticlassAccuracy(num_classes, average="micro")
        self.val_acc = MulticlassAccuracy(num_classes, average="micro")

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, batch_idx):
        x, y = batch
        logits = self(x)
        loss = F.cross_entropy(logits, y)
        self.train_acc(logits, y)
        self.log("train_loss", loss, prog_bar=True)
        self.log("train_acc", self.train_acc, on_step=False, on_epoch=True)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        logits = self(x)
        self.val_acc(logits, y)
        self.log("val_loss", F.cross_entropy(logits, y), prog_bar=True)
        self.log("val_acc", self.val_acc, prog_bar=True)

    def configure_optimizers(self):
        hp = self.hparams
        optimizer = torch.optim.SGD(self.parameters(), lr=hp.lr, momentum=0.9, weight_decay=hp.weight_decay)
        decay_at = [int(hp.epochs * 0.6), int(hp.epochs * 0.85)]
        scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, decay_at, gamma=0.1)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": scheduler, "interval": "step", "name": "lr"},
        }


def main():
    L.seed_everything(5, workers=True)
    epochs = 50
    dm = StampData()
    model = StampNet(num_classes=7, epochs=epochs)
    trainer = L.Trainer(
        max_epochs=epochs,
        accelerator="auto",
        devices=1,
        logger=CSVLogger("logs", name="stamps"),
        callbacks=[LearningRateMonitor("epoch"), ModelCheckpoint(monitor="val_acc", mode="max")],
        log_every_n_steps=5,
    )
    trainer.fit(model, datamodule=dm)


if __name__ == "__main__":
    main()
