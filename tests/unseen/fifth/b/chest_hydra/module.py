import math

import lightning as L
import timm
import torch
from torch import nn
from torchmetrics.classification import MulticlassF1Score


class ChestModule(L.LightningModule):
    def __init__(self, name, num_classes, drop_path, lr, weight_decay, warmup_epochs, max_epochs):
        super().__init__()
        self.save_hyperparameters()
        self.net = timm.create_model(
            name, pretrained=True, num_classes=num_classes, drop_path_rate=drop_path
        )
        self.criterion = nn.CrossEntropyLoss()
        self.val_f1 = MulticlassF1Score(num_classes)
        self.test_f1 = MulticlassF1Score(num_classes)

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = self.criterion(self(x), y)
        self.log("train/loss", loss)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        logits = self(x)
        self.val_f1(logits, y)
        self.log("val/loss", self.criterion(logits, y))
        self.log("val/f1", self.val_f1, prog_bar=True)

    def test_step(self, batch, batch_idx):
        x, y = batch
        self.test_f1(self(x), y)
        self.log("test/f1", self.test_f1)

    def _param_groups(self):
        decay, rest = [], []
        for param in self.net.parameters():
            if param.requires_grad:
                (rest if param.ndim <= 1 else decay).append(param)
        return [
            {"params": decay, "weight_decay": self.hparams.weight_decay},
            {"params": rest, "weight_decay": 0.0},
        ]

    def configure_optimizers(self):
        optimizer = torch.optim.AdamW(self._param_groups(), lr=self.hparams.lr)
        total = int(self.trainer.estimated_stepping_batches)
        warmup = max(1, total * self.hparams.warmup_epochs // self.hparams.max_epochs)

        def factor(step):
            if step < warmup:
                return (step + 1) / warmup
            done = (step - warmup) / max(1, total - warmup)
            return 0.5 * (1.0 + math.cos(math.pi * min(1.0, done)))

        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": scheduler, "interval": "step"},
        }
