from __future__ import annotations

import lightning.pytorch as pl
import torch
from torch import nn
from torchmetrics.classification import MulticlassAccuracy
from torchvision import models


class BirdClassifier(pl.LightningModule):
    """Any torchvision ResNet with a new last layer.

    Args:
        arch: name in torchvision.models
        weights: name of the weights, or null for a random start
        num_classes: number of species
        lr: learning rate of SGD
        milestones: epochs after which the rate falls by ``gamma``
    """

    def __init__(
        self,
        arch: str = "resnet18",
        weights: str | None = None,
        num_classes: int = 200,
        image_size: int = 224,
        lr: float = 0.1,
        momentum: float = 0.9,
        weight_decay: float = 1e-4,
        milestones: list[int] | None = None,
        gamma: float = 0.1,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.example_input_array = torch.zeros(1, 3, image_size, image_size)
        self.net = models.get_model(arch, weights=weights)
        self.net.fc = nn.Linear(self.net.fc.in_features, num_classes)
        self.criterion = nn.CrossEntropyLoss()
        self.top1 = MulticlassAccuracy(num_classes, average="micro")
        self.top5 = MulticlassAccuracy(num_classes, top_k=5, average="micro")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x)

    def training_step(self, batch, batch_idx: int) -> torch.Tensor:
        x, y = batch
        loss = self.criterion(self(x), y)
        self.log("train_loss", loss, on_epoch=True, prog_bar=True)
        return loss

    def validation_step(self, batch, batch_idx: int) -> None:
        x, y = batch
        out = self(x)
        self.top1(out, y)
        self.top5(out, y)
        self.log("val_loss", self.criterion(out, y))
        self.log("val_acc", self.top1, prog_bar=True)
        self.log("val_top5", self.top5)

    def configure_optimizers(self):
        h = self.hparams
        opt = torch.optim.SGD(self.parameters(), lr=h.lr, momentum=h.momentum, weight_decay=h.weight_decay)
        sched = torch.optim.lr_scheduler.MultiStepLR(opt, milestones=h.milestones or [], gamma=h.gamma)
        return {"optimizer": opt, "lr_scheduler": {"scheduler": sched, "interval": "epoch"}}
