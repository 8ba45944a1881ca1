from collections import Counter
from pathlib import Path

import torch
from torch.utils.data import DataLoader, WeightedRandomSampler
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2

NORM = v2.Normalize([0.5, 0.5, 0.5], [0.25, 0.25, 0.25])
TO_FLOAT = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), NORM]


def make_loaders(root, batch_size):
    train = ImageFolder(Path(root) / "train", v2.Compose([
        v2.RandomAffine(degrees=8, translate=(0.08, 0.08), scale=(0.9, 1.1)), v2.RandomHorizontalFlip(), *TO_FLOAT]))
    valid = ImageFolder(Path(root) / "valid", v2.Compose(TO_FLOAT))
    if train.classes != valid.classes:
        raise SystemExit(f"{train.classes} and {valid.classes} differ")
    count = Counter(train.targets)
    weights = [1.0 / count[t] for t in train.targets]
    sampler = WeightedRandomSampler(weights, num_samples=len(train), replacement=True)
    return (DataLoader(train, batch_size, sampler=sampler, drop_last=True),
            DataLoader(valid, 2 * batch_size, shuffle=False), train.classes)
