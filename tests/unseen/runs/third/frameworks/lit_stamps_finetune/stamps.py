import json

import h5py
import lightning as L
import torch
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

IMAGENET = dict(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])


class StampFile(Dataset):
    """One split of the HDF5 file. The handle is opened late so that workers get their own."""

    def __init__(self, path, split, transform):
        self.path, self.split, self.transform = path, split, transform
        self._h5 = None
        with h5py.File(path, "r") as f:
            self.labels = f[split]["labels"][:]

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        if self._h5 is None:
            self._h5 = h5py.File(self.path, "r")
        picture = torch.from_numpy(self._h5[self.split]["images"][i])  # height, width, colour
        return self.transform(picture.permute(2, 0, 1)), int(self.labels[i])


class StampData(L.LightningDataModule):
    def __init__(self, path="stamps/stamps64.h5", batch_size=24, workers=0):
        super().__init__()
        self.save_hyperparameters()
        with h5py.File(path, "r") as f:
            self.classes = json.loads(f.attrs["classes"])

    def setup(self, stage=None):
        to_input = [v2.ToDtype(torch.float32, scale=True), v2.Normalize(**IMAGENET)]
        self.train = StampFile(
            self.hparams.path,
            "train",
            v2.Compose(
                [
                    v2.RandomAffine(degrees=12, translate=(0.08, 0.08), scale=(0.85, 1.15), fill=255),
                    v2.RandomHorizontalFlip(),
                    v2.ColorJitter(0.15, 0.15, 0.15),
                    *to_input,
                ]
            ),
        )
        self.valid = StampFile(self.hparams.path, "valid", v2.Compose(to_input))

    def train_dataloader(self):
        return DataLoader(self.train, self.hparams.batch_size, shuffle=True, drop_last=True,
                          num_workers=self.hparams.workers)

    def val_dataloader(self):
        return DataLoader(self.valid, 48, num_workers=self.hparams.workers)
