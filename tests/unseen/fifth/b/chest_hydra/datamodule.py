from pathlib import Path

import lightning as L
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import ImageFolder

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


class ChestData(L.LightningDataModule):
    """Expects train/, val/ and test/ (split by patient), each with normal/, bacterial/ and viral/."""

    def __init__(self, root: str, img_size: int, batch_size: int, num_workers: int):
        super().__init__()
        self.root = Path(root)
        self.batch_size = batch_size
        self.num_workers = num_workers
        self.train_tf = T.Compose(
            [
                T.RandomResizedCrop(img_size, scale=(0.7, 1.0)),
                T.RandomRotation(7),
                T.ToTensor(),
                T.Normalize(MEAN, STD),
            ]
        )
        self.eval_tf = T.Compose(
            [
                T.Resize(int(img_size * 8 / 7)),
                T.CenterCrop(img_size),
                T.ToTensor(),
                T.Normalize(MEAN, STD),
            ]
        )

    def setup(self, stage=None):
        self.train_set = ImageFolder(self.root / "train", self.train_tf)
        self.val_set = ImageFolder(self.root / "val", self.eval_tf)
        self.test_set = ImageFolder(self.root / "test", self.eval_tf)

    def train_dataloader(self):
        return DataLoader(
            self.train_set,
            batch_size=self.batch_size,
            shuffle=True,
            drop_last=True,
            num_workers=self.num_workers,
            pin_memory=True,
        )

    def val_dataloader(self):
        return DataLoader(self.val_set, batch_size=self.batch_size, num_workers=self.num_workers)

    def test_dataloader(self):
        return DataLoader(self.test_set, batch_size=self.batch_size, num_workers=self.num_workers)
