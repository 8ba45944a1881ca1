import gzip
import struct
from pathlib import Path

import lightning as L
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset


def read_idx(path):
    with gzip.open(path, "rb") as f:
        _, dtype, ndim = struct.unpack(">HBB", f.read(4))
        assert dtype == 8, "only unsigned bytes"
        shape = struct.unpack(f">{ndim}I", f.read(4 * ndim))
        return np.frombuffer(f.read(), dtype=np.uint8).reshape(shape)


class Garments(Dataset):
    """Raw bytes; scaling and normalisation live in the network."""

    def __init__(self, images, labels, augment=False):
        self.images = torch.from_numpy(np.array(images)).unsqueeze(1)
        self.labels = torch.from_numpy(np.array(labels)).long()
        self.augment = augment

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        x = self.images[i]
        if self.augment:
            if torch.rand(()) < 0.5:
                x = x.flip(-1)
            dy, dx = torch.randint(0, 5, (2,)).tolist()
            x = torch.nn.functional.pad(x, (2, 2, 2, 2))[:, dy:dy + 28, dx:dx + 28]
        return x, self.labels[i]


class GarmentData(L.LightningDataModule):
    def __init__(self, dir, batch_size, workers, valid_share, seed):
        super().__init__()
        self.dir, self.batch_size, self.workers = Path(dir), batch_size, workers
        self.valid_share, self.seed = valid_share, seed

    def setup(self, stage=None):
        if hasattr(self, "train_set"):
            return
        x = read_idx(self.dir / "train-images-idx3-ubyte.gz")
        y = read_idx(self.dir / "train-labels-idx1-ubyte.gz")
        order = np.random.default_rng(self.seed).permutation(len(x))
        n_valid = int(len(x) * self.valid_share)
        valid, train = order[:n_valid], order[n_valid:]
        self.train_set = Garments(x[train], y[train], augment=True)
        self.valid_set = Garments(x[valid], y[valid])
        self.test_set = Garments(
            read_idx(self.dir / "t10k-images-idx3-ubyte.gz"),
            read_idx(self.dir / "t10k-labels-idx1-ubyte.gz"),
        )
        pixels = x[train].astype(np.float32) / 255
        self.mean, self.std = float(pixels.mean()), float(pixels.std())

    def _loader(self, ds, train=False):
        return DataLoader(ds, self.batch_size, shuffle=train, drop_last=train, num_workers=self.workers)

    def train_dataloader(self):
        return self._loader(self.train_set, train=True)

    def val_dataloader(self):
        return self._loader(self.valid_set)

    def test_dataloader(self):
        return self._loader(self.test_set)
