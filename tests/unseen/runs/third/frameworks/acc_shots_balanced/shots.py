import re
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset, WeightedRandomSampler
from torchvision.transforms import v2

PATTERN = re.compile(r"^([a-z]+)\.(\d+)\.png$")


def scan(folder):
    found = []
    for path in sorted(Path(folder).iterdir()):
        m = PATTERN.match(path.name)
        if m:
            found.append((path, m.group(1)))
    return found


class Shots(Dataset):
    """<class>.<number>.png; the targets are rows with a single one."""

    def __init__(self, folder, classes=None, train=False):
        items = scan(folder)
        self.classes = classes or sorted({c for _, c in items})
        self.paths = [p for p, _ in items]
        self.index = np.array([self.classes.index(c) for _, c in items])
        steps = [v2.ToImage()]
        if train:
            steps += [v2.RandomHorizontalFlip(), v2.RandomResizedCrop(48, scale=(0.65, 1.0), antialias=True)]
        steps += [v2.ToDtype(torch.float32, scale=True)]
        self.transform = v2.Compose(steps)

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        x = self.transform(Image.open(self.paths[i]).convert("RGB"))
        target = torch.zeros(len(self.classes))
        target[self.index[i]] = 1.0
        return x, target

    def sampler(self, generator=None):
        counts = np.bincount(self.index, minlength=len(self.classes))
        weights = 1.0 / counts[self.index]
        return WeightedRandomSampler(torch.as_tensor(weights), num_samples=len(self), replacement=True, generator=generator)
