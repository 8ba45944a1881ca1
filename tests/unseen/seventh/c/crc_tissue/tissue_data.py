from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset
from torchvision.transforms import v2

TISSUES = ["ADI", "BACK", "DEB", "LYM", "MUC", "MUS", "NORM", "STR", "TUM"]
# measured on NCT-CRC-HE-100K, the same numbers as in the pre-training job
MEAN = [0.7405, 0.5330, 0.7058]
STD = [0.1237, 0.1768, 0.1244]

_tail = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)]
AUG = v2.Compose([v2.RandomHorizontalFlip(), v2.RandomVerticalFlip(), v2.ColorJitter(0.1, 0.1, 0.1, 0.02), *_tail])
PLAIN = v2.Compose(_tail)


def scan(root):
    items = []
    for k, t in enumerate(TISSUES):
        items += [(p, k) for p in sorted(Path(root, t).glob("*.tif"))]
    return items


def split(items, part=0.1, seed=5):
    order = np.random.default_rng(seed).permutation(len(items))
    cut = int(len(items) * part)
    return [items[i] for i in order[cut:]], [items[i] for i in order[:cut]]


class Tiles(Dataset):
    """224x224 tiles at 0.5 um per pixel, no resizing needed"""

    def __init__(self, items, tf):
        self.items, self.tf = items, tf

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        path, k = self.items[i]
        with Image.open(path) as im:
            return self.tf(im.convert("RGB")), k
