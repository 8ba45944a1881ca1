import pickle

import lmdb
import numpy as np
import torch
from torch.utils.data import Dataset


_ENVS = {}  # one environment per path and process


def environment(path):
    if path not in _ENVS:
        _ENVS[path] = lmdb.open(path, readonly=True, lock=False, readahead=False)
    return _ENVS[path]


class LmdbImages(Dataset):
    """Records are dicts with raw uint8 pixels, height, width and label."""

    def __init__(self, path, split, augment=None, mean=None, std=None):
        self.path, self.split, self.augment = path, split, augment
        self.mean = torch.tensor(mean).view(3, 1, 1)
        self.std = torch.tensor(std).view(3, 1, 1)
        with environment(path).begin() as txn:
            self.n = int(txn.get(f"{split}-length".encode()))

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        with environment(self.path).begin() as txn:
            rec = pickle.loads(txn.get(f"{self.split}-{i:06d}".encode()))
        pixels = np.frombuffer(rec["pixels"], dtype=np.uint8)
        img = pixels.reshape(3, rec["height"], rec["width"]).copy()
        img = torch.from_numpy(img)
        if self.augment is not None:
            img = self.augment(img)
        img = (img.float() / 255 - self.mean) / self.std
        return img, rec["label"]
