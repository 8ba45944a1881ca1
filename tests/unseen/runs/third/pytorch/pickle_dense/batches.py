"""Reads the pickled batches (rows of 3072 bytes, red plane first)."""
import pickle
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Dataset


def load_batches(root, names):
    data, labels = [], []
    for name in names:
        with open(Path(root) / name, "rb") as f:
            d = pickle.load(f)
        data.append(d["data"])
        labels += list(d["labels"])
    data = np.concatenate(data).reshape(-1, 3, 32, 32)
    return data, np.asarray(labels, dtype=np.int64)


class PickledImages(Dataset):
    def __init__(self, root, names, mean=None, std=None, augment=False):
        self.data, self.labels = load_batches(root, names)
        if mean is None:
            mean = self.data.mean(axis=(0, 2, 3)) / 255
            std = self.data.std(axis=(0, 2, 3)) / 255
        self.mean = np.asarray(mean, dtype=np.float32).reshape(3, 1, 1)
        self.std = np.asarray(std, dtype=np.float32).reshape(3, 1, 1)
        self.augment = augment

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        img = self.data[i].astype(np.float32) / 255
        img = torch.from_numpy((img - self.mean) / self.std)
        if self.augment:
            if torch.rand(1).item() < 0.5:
                img = img.flip(2)
            padded = torch.nn.functional.pad(img, (4, 4, 4, 4))
            top, left = torch.randint(0, 9, (2,)).tolist()
            img = padded[:, top:top + 32, left:left + 32]
        return img, self.labels[i]
