import os

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset


class Pool(Dataset):
    """CLASS_NUMBER.png in one directory.

    The augmentation depends only on the seed, the epoch and the picture, so a
    run gives the same pictures whatever the number of workers."""

    def __init__(self, root, listing, seed=None):
        with open(os.path.join(root, listing)) as f:
            self.files = f.read().split()
        self.root, self.seed, self.epoch = root, seed, 0
        self.classes = sorted({n.rsplit("_", 1)[0] for n in self.files})
        self.labels = [self.classes.index(n.rsplit("_", 1)[0]) for n in self.files]

    def set_epoch(self, epoch):
        self.epoch = epoch

    def __len__(self):
        return len(self.files)

    def augment(self, a, rng):
        if rng.random() < 0.5:
            a = a[:, ::-1]
        a = np.pad(a, ((4, 4), (4, 4), (0, 0)), mode="reflect")
        top, left = rng.integers(0, 9, 2)
        a = a[top:top + 32, left:left + 32].copy()
        a = np.clip((a - 0.5) * rng.uniform(0.8, 1.25) + 0.5 + rng.uniform(-0.1, 0.1), 0, 1)
        cy, cx = rng.integers(0, 32, 2)
        a[max(0, cy - 4):cy + 4, max(0, cx - 4):cx + 4] = 0.5
        return a

    def __getitem__(self, i):
        a = np.asarray(Image.open(os.path.join(self.root, self.files[i])), np.float32) / 255.0
        if self.seed is not None:
            a = self.augment(a, np.random.default_rng([self.seed, self.epoch, i]))
        a = np.ascontiguousarray(a.transpose(2, 0, 1), np.float32)
        return (torch.from_numpy(a) - 0.47) / 0.25, self.labels[i]
