"""Pictures listed in a manifest, given as (height, width, colour) arrays for Keras."""
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset


class Manifest(Dataset):
    def __init__(self, root, subset, size, classes=None, augment=False, balance=False):
        root = Path(root)
        rows = [r for r in json.loads((root / "manifest.json").read_text()) if r["subset"] == subset]
        self.classes = classes or sorted({r["class"] for r in rows})
        lookup = {c: i for i, c in enumerate(self.classes)}
        self.items = [(root / r["file"], lookup[r["class"]]) for r in rows]
        self.size, self.augment = size, augment
        counts = np.bincount([y for _, y in self.items], minlength=len(self.classes))
        # the weights of all pictures average one
        per_class = counts.sum() / (len(counts) * counts) if balance else np.ones(len(counts))
        self.weights = per_class.astype(np.float32)

    def __len__(self):
        return len(self.items)

    def _crop(self, im):
        if not self.augment:
            return im.resize((self.size, self.size), Image.BICUBIC)
        side = int(min(im.size) * np.sqrt(np.random.uniform(0.7, 1.0)))
        left = np.random.randint(0, im.width - side + 1)
        top = np.random.randint(0, im.height - side + 1)
        return im.resize((self.size, self.size), Image.BICUBIC, box=(left, top, left + side, top + side))

    def __getitem__(self, i):
        path, label = self.items[i]
        with Image.open(path) as im:
            x = np.asarray(self._crop(im.convert("RGB")), dtype=np.float32)
        if self.augment and np.random.rand() < 0.5:
            x = x[:, ::-1]
        x = np.ascontiguousarray(x) / 127.5 - 1.0
        return torch.from_numpy(x), torch.tensor(label), torch.tensor(self.weights[label])


def loader(ds, batch_size, training):
    return DataLoader(ds, batch_size=batch_size, shuffle=training, drop_last=training, num_workers=0)
