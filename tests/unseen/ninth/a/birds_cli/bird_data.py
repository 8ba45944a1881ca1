from __future__ import annotations

from pathlib import Path

import lightning.pytorch as pl
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2 as T
import torch


class BirdData(pl.LightningDataModule):
    """``root/train`` and ``root/val``, one folder a species in each."""

    def __init__(self, root: str = "cub200", image_size: int = 224, batch_size: int = 64, num_workers: int = 4) -> None:
        super().__init__()
        self.save_hyperparameters()

    @staticmethod
    def _tail():
        return [
            T.ToImage(),
            T.ToDtype(torch.float32, scale=True),
            T.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
        ]

    def setup(self, stage: str) -> None:
        size = self.hparams.image_size
        root = Path(self.hparams.root)
        train_tf = T.Compose([T.RandomResizedCrop(size, antialias=True), T.RandomHorizontalFlip(), *self._tail()])
        val_tf = T.Compose([T.Resize(int(size * 8 / 7), antialias=True), T.CenterCrop(size), *self._tail()])
        self.train = ImageFolder(root / "train", train_tf)
        self.val = ImageFolder(root / "val", val_tf)
        if self.train.class_to_idx != self.val.class_to_idx:
            raise ValueError("train and val do not have the same species")

    def _loader(self, ds, **kw) -> DataLoader:
        return DataLoader(ds, batch_size=self.hparams.batch_size, num_workers=self.hparams.num_workers,
                          pin_memory=True, persistent_workers=True, **kw)

    def train_dataloader(self) -> DataLoader:
        return self._loader(self.train, shuffle=True, drop_last=True)

    def val_dataloader(self) -> DataLoader:
        return self._loader(self.val)
