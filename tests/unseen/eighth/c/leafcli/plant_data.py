from pathlib import Path

import lightning as L
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2
import torch

STATS = dict(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])


class PlantVillageData(L.LightningDataModule):
    """Folder with the sub folders train, val and test (made once by split_folders)."""

    def __init__(self, root: str = "data/plantvillage", batch_size: int = 32, workers: int = 4, side: int = 224):
        super().__init__()
        self.save_hyperparameters()
        to_float = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(**STATS)]
        self.fit_tf = v2.Compose(
            [v2.RandomResizedCrop(side, scale=(0.5, 1.0)), v2.RandomHorizontalFlip(), v2.RandomVerticalFlip(), *to_float]
        )
        self.eval_tf = v2.Compose([v2.Resize(side + 32), v2.CenterCrop(side), *to_float])

    def setup(self, stage=None):
        root = Path(self.hparams.root)
        if stage in (None, "fit", "validate"):
            self.ds_train = ImageFolder(root / "train", self.fit_tf)
            self.ds_val = ImageFolder(root / "val", self.eval_tf)
        if stage in (None, "test"):
            self.ds_test = ImageFolder(root / "test", self.eval_tf)

    def _dl(self, ds, train=False):
        return DataLoader(
            ds,
            batch_size=self.hparams.batch_size,
            shuffle=train,
            drop_last=train,
            num_workers=self.hparams.workers,
            persistent_workers=self.hparams.workers > 0,
            pin_memory=True,
        )

    def train_dataloader(self):
        return self._dl(self.ds_train, train=True)

    def val_dataloader(self):
        return self._dl(self.ds_val)

    def test_dataloader(self):
        return self._dl(self.ds_test)
