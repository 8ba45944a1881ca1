"""Gallery pictures found by glob; the class is the name of the folder."""
import glob
import os
import random

import numpy as np
import torch
from PIL import Image, ImageEnhance
from torch.utils.data import Dataset


class Compose:
    def __init__(self, *ops):
        self.ops = ops

    def __call__(self, img):
        for op in self.ops:
            img = op(img)
        return img


class RandomZoom:
    """Crop a random square of 70 to 100 % of the side and scale it to `size`."""

    def __init__(self, size, low=0.7):
        self.size, self.low = size, low

    def __call__(self, img):
        w, h = img.size
        side = int(min(w, h) * random.uniform(self.low, 1.0))
        x, y = random.randint(0, w - side), random.randint(0, h - side)
        return img.resize((self.size, self.size), Image.BILINEAR, box=(x, y, x + side, y + side))


class Mirror:
    def __call__(self, img):
        return img.transpose(Image.FLIP_LEFT_RIGHT) if random.random() < 0.5 else img


class Light:
    def __init__(self, amount=0.25):
        self.amount = amount

    def __call__(self, img):
        for kind in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
            img = kind(img).enhance(random.uniform(1 - self.amount, 1 + self.amount))
        return img


class Fit:
    def __init__(self, size):
        self.size = size

    def __call__(self, img):
        return img.resize((self.size, self.size), Image.BILINEAR)


def to_tensor(img):
    arr = np.asarray(img, dtype=np.float32) / 127.5 - 1.0
    return torch.from_numpy(arr.transpose(2, 0, 1).copy())


class Gallery(Dataset):
    def __init__(self, root, split, size=64, val_share=0.2):
        self.files = sorted(glob.glob(os.path.join(root, "*", "*.jpg")))
        if not self.files:
            raise FileNotFoundError(f"no pictures under {root}")
        self.classes = sorted({self.name_of(f) for f in self.files})
        self.index = {c: i for i, c in enumerate(self.classes)}

        random.shuffle(self.files)
        n_val = int(len(self.files) * val_share)
        if split == "train":
            self.files = self.files[n_val:]
            self.transform = Compose(RandomZoom(size), Mirror(), Light())
        elif split == "val":
            self.files = self.files[:n_val]
            self.transform = Fit(size)
        else:
            raise ValueError(split)

    @staticmethod
    def name_of(path):
        return os.path.basename(os.path.dirname(path))

    def counts(self):
        out = [0] * len(self.classes)
        for f in self.files:
            out[self.index[self.name_of(f)]] += 1
        return out

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        path = self.files[i]
        img = Image.open(path).convert("RGB")
        return to_tensor(self.transform(img)), self.index[self.name_of(path)]
