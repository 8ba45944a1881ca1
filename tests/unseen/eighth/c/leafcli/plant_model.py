import lightning as L
import torch
from torch import nn
from torchmetrics.classification import MulticlassAccuracy
from torchvision.models import get_model


class LeafClassifier(L.LightningModule):
    def __init__(
        self,
        arch: str = "efficientnet_b0",
        weights: str = "IMAGENET1K_V1",
        num_classes: int = 38,
        lr: float = 1e-3,
        weight_decay: float = 1e-2,
        smoothing: float = 0.0,
    ):
        super().__init__()
        self.save_hyperparameters()
        self.net = get_model(arch, weights=weights)
        width = self.net.classifier[-1].in_features
        self.net.classifier[-1] = nn.Linear(width, num_classes)
        self.loss_fn = nn.CrossEntropyLoss(label_smoothing=smoothing)
        self.val_acc = MulticlassAccuracy(num_classes, average="micro")
        self.test_acc = MulticlassAccuracy(num_classes, average="micro")

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, _):
        x, y = batch
        loss = self.loss_fn(self(x), y)
        self.log("train/loss", loss, prog_bar=True)
        return loss

    def validation_step(self, batch, _):
        x, y = batch
        out = self(x)
        self.val_acc(out, y)
        self.log("val/loss", self.loss_fn(out, y))
        self.log("val/acc", self.val_acc, prog_bar=True)

    def test_step(self, batch, _):
        x, y = batch
        self.test_acc(self(x), y)
        self.log("test/acc", self.test_acc)

    def configure_optimizers(self):
        opt = torch.optim.AdamW(self.parameters(), lr=self.hparams.lr, weight_decay=self.hparams.weight_decay)
        sched = torch.optim.lr_scheduler.OneCycleLR(
            opt, max_lr=self.hparams.lr, total_steps=self.trainer.estimated_stepping_batches, pct_start=0.2
        )
        return [opt], [sched]  # fault: C314
