import os
import pandas as pd
import lightning as L
import torch
from lightning.pytorch.callbacks import Callback, EMAWeightAveraging
from torch import nn
from torch.utils.data import DataLoader
from stream import ParquetStream

NAMES = sorted(pd.read_parquet("stamps48/train.parquet", columns=["category"]).category.unique())
EPOCHS = int(os.environ.get("EPOCHS", 60))


class Squeeze(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.f = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(c, c // 4, 1), nn.SiLU(), nn.Conv2d(c // 4, c, 1), nn.Sigmoid())

    def forward(self, x):
        return x * self.f(x)


class Detectors(L.LightningModule):
    """One yes/no detector for each category; the answer is the one that says yes loudest."""

    def __init__(self):
        super().__init__()
        cs = [3, 24, 48, 96, 128]
        self.stages = nn.Sequential(*[nn.Sequential(nn.Conv2d(a, b, 3, 2, 1), nn.GroupNorm(8, b), nn.SiLU(), Squeeze(b)) for a, b in zip(cs, cs[1:])])
        self.out = nn.Conv2d(128, len(NAMES), 1)
        nn.init.zeros_(self.out.weight)
        nn.init.constant_(self.out.bias, -1.4)           # log(p / (1 - p)) of one in five

    def forward(self, x):
        return self.out(self.stages(x * 2 - 1)).mean((2, 3))

    def loss(self, z, t):
        return nn.functional.binary_cross_entropy_with_logits(z, t, reduction="none").sum(1).mean()

    def training_step(self, b, _):
        loss = self.loss(self(b[0]), b[1])
        self.log("train_loss", loss, on_epoch=True, on_step=False)
        return loss

    def validation_step(self, b, _):
        z = self(b[0])
        self.log("val_loss", self.loss(z, b[1]), batch_size=len(z))
        self.log("val_hit", (z.argmax(1) == b[1].argmax(1)).float().mean(), batch_size=len(z))

    def configure_optimizers(self):
        decay = [p for p in self.parameters() if p.ndim > 1]
        rest = [p for p in self.parameters() if p.ndim <= 1]
        return torch.optim.RAdam([{"params": decay, "weight_decay": 1e-4}, {"params": rest}], lr=2e-3, decoupled_weight_decay=True)


class Lines(Callback):
    def on_train_epoch_end(self, trainer, module):
        m = trainer.callback_metrics
        print(trainer.current_epoch, *(f"{k}={float(m[k]):.4f}" for k in ("train_loss", "val_loss", "val_hit")), flush=True)


L.seed_everything(12)
trainer = L.Trainer(max_epochs=EPOCHS, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
                    num_sanity_val_steps=0, accumulate_grad_batches=2, gradient_clip_val=1.0, callbacks=[EMAWeightAveraging(decay=0.97), Lines()])
trainer.fit(Detectors(), DataLoader(ParquetStream("stamps48/train.parquet", NAMES, True), 24),
            DataLoader(ParquetStream("stamps48/val.parquet", NAMES, False), 60))
