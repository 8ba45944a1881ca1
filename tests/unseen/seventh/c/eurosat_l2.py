from __future__ import annotations

import lightning as L
import torch
import torch.nn.functional as F
from lightning.pytorch.callbacks import LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from torch.utils.data import DataLoader, Dataset, random_split
from torchmetrics.classification import MulticlassAccuracy
from torchvision.datasets import EuroSAT
from torchvision.models import EfficientNet_V2_S_Weights, efficientnet_v2_s
from torchvision.transforms import v2

N_CLASSES = 10
SIDE = 128


class View(Dataset):
    """A part of EuroSAT seen through one pipeline."""

    def __init__(self, part, pipeline):
        self.part = part
        self.pipeline = pipeline

    def __len__(self) -> int:
        return len(self.part)

    def __getitem__(self, i):
        image, label = self.part[i]
        return self.pipeline(image), label


class Sentinel2(L.LightningDataModule):
    def __init__(self, where: str = "~/datasets", per_device: int = 64, num_workers: int = 8):
        super().__init__()
        self.save_hyperparameters()
        finish = [
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
        ]
        self.pipelines = {
            "fit": v2.Compose([v2.Resize(SIDE, antialias=True), v2.RandomHorizontalFlip(), v2.RandomVerticalFlip(), *finish]),
            "eval": v2.Compose([v2.Resize(SIDE, antialias=True), *finish]),
        }

    def prepare_data(self) -> None:
        EuroSAT(self.hparams.where, download=True)

    def setup(self, stage: str) -> None:
        everything = EuroSAT(self.hparams.where)
        # the fixed generator gives every process the same three parts
        fit, val, test = random_split(everything, [0.8, 0.1, 0.1], generator=torch.Generator().manual_seed(7))
        self.fit_part = View(fit, self.pipelines["fit"])
        self.val_part = View(val, self.pipelines["eval"])
        self.test_part = View(test, self.pipelines["eval"])

    def _dl(self, part: Dataset, **kw) -> DataLoader:
        return DataLoader(part, batch_size=self.hparams.per_device, num_workers=self.hparams.num_workers,
                          pin_memory=True, persistent_workers=True, **kw)

    def train_dataloader(self):
        return self._dl(self.fit_part, shuffle=True, drop_last=True)

    def val_dataloader(self):
        return self._dl(self.val_part)

    def test_dataloader(self):
        return self._dl(self.test_part)


class LandCover(L.LightningModule):
    def __init__(self, peak: float = 6e-4, decay: float = 0.01):
        super().__init__()
        self.save_hyperparameters()
        self.backbone = efficientnet_v2_s(weights=EfficientNet_V2_S_Weights.IMAGENET1K_V1)
        self.backbone.classifier[1] = torch.nn.Linear(1280, N_CLASSES)
        self.acc = torch.nn.ModuleDict({s: MulticlassAccuracy(N_CLASSES, average="micro") for s in ("val", "test")})

    def training_step(self, batch, _):
        x, y = batch
        loss = F.cross_entropy(self.backbone(x), y, label_smoothing=0.05)
        self.log("train/loss", loss, prog_bar=True)
        return loss

    def _judge(self, batch, part: str):
        x, y = batch
        z = self.backbone(x)
        self.acc[part].update(z, y)
        self.log(f"{part}/loss", F.cross_entropy(z, y), sync_dist=True)
        self.log(f"{part}/acc", self.acc[part], prog_bar=True)

    def validation_step(self, batch, _):
        self._judge(batch, "val")

    def test_step(self, batch, _):
        self._judge(batch, "test")

    def configure_optimizers(self):
        opt = torch.optim.AdamW(self.parameters(), lr=self.hparams.peak, weight_decay=self.hparams.decay)
        one = torch.optim.lr_scheduler.OneCycleLR(
            opt, max_lr=self.hparams.peak, total_steps=int(self.trainer.estimated_stepping_batches), pct_start=0.2)
        return {"optimizer": opt, "lr_scheduler": {"scheduler": one, "interval": "step"}}


def main():
    L.seed_everything(2024, workers=True)
    keep = ModelCheckpoint(monitor="val/acc", mode="max", save_top_k=1, auto_insert_metric_name=False,
                           filename="landcover-{epoch:02d}")
    trainer = L.Trainer(
        accelerator="gpu",
        devices=4,
        strategy="ddp",
        sync_batchnorm=True,
        precision="16-mixed",
        gradient_clip_val=1.0,
        max_epochs=25,
        callbacks=[keep, LearningRateMonitor("step")],
        logger=CSVLogger("logs", name="eurosat"),
    )
    data, task = Sentinel2(), LandCover()
    trainer.fit(task, datamodule=data)
    trainer.test(task, datamodule=data, ckpt_path="best")


if __name__ == "__main__":
    main()
