from pathlib import Path

import lightning as L
import torch
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import ImageFolder

MEAN = (0.4914, 0.4822, 0.4465)
STD = (0.2470, 0.2435, 0.2616)


class ObjectsDataModule(L.LightningDataModule):
    """Pictures in <root>/train/<class>/ and <root>/val/<class>/."""

    def __init__(self, root, size=64, batch_size=32, workers=0):
        super().__init__()
        self.root = Path(root)
        self.size = size
        self.batch_size = batch_size
        self.workers = workers

    def setup(self, stage=None):
        self.train_set = ImageFolder(
            self.root / "train",
            T.Compose(
                [
                    T.RandomResizedCrop(self.size, scale=(0.6, 1.0)),
                    T.RandomHorizontalFlip(),
                    T.ColorJitter(0.2, 0.2, 0.2),
                    T.ToTensor(),
                    T.Normalize(MEAN, STD),
                ]
            ),
        )
        self.val_set = ImageFolder(
            self.root / "val",
            T.Compose(
                [
                    T.Resize(self.size),
                    T.CenterCrop(self.size),
                    T.ToTensor(),
                    T.Normalize(MEAN, STD),
                ]
            ),
        )
        if self.train_set.class_to_idx != self.val_set.class_to_idx:
            raise RuntimeError("train and val folders have different classes")

    @property
    def classes(self):
        return self.train_set.classes

    def train_dataloader(self):
        return DataLoader(
            self.train_set,
            batch_size=self.batch_size,
            shuffle=True,
            drop_last=True,
            num_workers=self.workers,
            persistent_workers=self.workers > 0,
        )

    def val_dataloader(self):
        return DataLoader(
            self.val_set,
            batch_size=self.batch_size * 2,
            num_workers=self.workers,
            persistent_workers=self.workers > 0,
        )
