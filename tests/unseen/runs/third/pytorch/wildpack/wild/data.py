"""Training pictures come from the packed file, the held-out ones from class folders."""
from pathlib import Path

import h5py
import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms


class PackedAnimals(Dataset):
    """Pictures from an hdf5 file (uint8, N x H x W x 3)."""

    def __init__(self, path, transform):
        with h5py.File(path, "r") as h:
            self.images = h["images"][:]
            self.labels = h["labels"][:].astype(np.int64)
            self.classes = h.attrs["classes"].split(",")
        self.transform = transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        img = Image.fromarray(self.images[index])
        return self.transform(img), int(self.labels[index])


class AnimalFolder(Dataset):
    """Class folders of png files, numbered as in the packed file."""

    def __init__(self, root, classes, transform):
        self.items = []
        for k, name in enumerate(classes):
            self.items += [(p, k) for p in sorted(Path(root, name).glob("*.png"))]
        self.classes = classes
        self.transform = transform

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        path, label = self.items[index]
        with Image.open(path) as f:
            img = f.convert("RGB")
        return self.transform(img), label


def build_loaders(cfg):
    size, mean, std = cfg["size"], cfg["mean"], cfg["std"]
    train_tf = transforms.Compose([
        transforms.RandomResizedCrop(size, scale=(0.6, 1.0), antialias=True),
        transforms.RandomHorizontalFlip(),
        transforms.RandomRotation(10),
        transforms.ToTensor(),
        transforms.Normalize(mean, std),
        transforms.RandomErasing(p=0.25),
    ])
    val_tf = transforms.Compose([
        transforms.Resize((size, size), antialias=True),
        transforms.ToTensor(),
        transforms.Normalize(mean, std),
    ])
    train = PackedAnimals(cfg["train_h5"], train_tf)
    val = AnimalFolder(cfg["val_root"], train.classes, val_tf)
    pin = torch.cuda.is_available()
    return (
        DataLoader(train, cfg["batch_size"], shuffle=True, num_workers=cfg["workers"], pin_memory=pin, drop_last=True),
        DataLoader(val, 2 * cfg["batch_size"], shuffle=False, num_workers=cfg["workers"], pin_memory=pin),
        train.classes,
    )
