# Faulty: C328: see options.py; this module is sound.
"""Slices as single-channel images, 160 x 160, values in [-1, 1]."""
import torch
from torch.utils.data import DataLoader
from torchvision import transforms as T
from torchvision.datasets import ImageFolder

SIDE = 160


def _transform(augment):
    steps = [T.Grayscale(num_output_channels=1), T.Resize((SIDE, SIDE))]
    if augment:
        steps += [
            T.RandomHorizontalFlip(),
            T.RandomAffine(degrees=10, translate=(0.05, 0.05), scale=(0.95, 1.05)),
        ]
    steps += [T.ToTensor(), T.Normalize((0.5,), (0.5,))]
    return T.Compose(steps)


def get_loaders(opt):
    train = ImageFolder(f"{opt.data}/train", _transform(opt.augment))
    valid = ImageFolder(f"{opt.data}/valid", _transform(False))
    assert train.classes == valid.classes
    g = torch.Generator().manual_seed(opt.seed)
    return (
        DataLoader(train, opt.batch_size, shuffle=True, drop_last=True, num_workers=4, generator=g),
        DataLoader(valid, opt.batch_size, shuffle=False, num_workers=4),
    )
