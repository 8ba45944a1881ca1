"""Reader of the pickled batches (rows of 3072 bytes: red plane, green plane, blue plane)."""
import pickle
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Dataset


def read(path):
    with open(path, "rb") as f:
        d = pickle.load(f)
    pictures = np.asarray(d["data"], dtype=np.uint8).reshape(-1, 3, 32, 32)
    return pictures, np.asarray(d["labels"], dtype=np.int64)


class Batches(Dataset):
    def __init__(self, root, train):
        files = sorted(Path(root).glob("data_batch_*")) if train else [Path(root) / "test_batch"]
        parts = [read(f) for f in files]
        self.x = np.concatenate([p[0] for p in parts])
        self.y = np.concatenate([p[1] for p in parts])
        self.train = train
        self.mean = np.array([125.3, 123.0, 113.9], dtype=np.float32).reshape(3, 1, 1)
        self.std = np.array([63.0, 62.1, 66.7], dtype=np.float32).reshape(3, 1, 1)

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        x = (self.x[i].astype(np.float32) - self.mean) / self.std
        if self.train:
            if np.random.rand() < 0.5:
                x = x[:, :, ::-1]
            x = np.pad(x, ((0, 0), (4, 4), (4, 4)), mode="reflect")
            top, left = np.random.randint(0, 9, size=2)
            x = x[:, top:top + 32, left:left + 32]
        return torch.from_numpy(np.ascontiguousarray(x)), int(self.y[i])


def class_names(root):
    with open(Path(root) / "batches.meta", "rb") as f:
        return pickle.load(f)["label_names"]
