import os

import numpy as np
import torch
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def collate_uint8(batch):
    """Pictures stay bytes in the workers; floats are made on the device."""
    arrays = [np.asarray(img, dtype=np.uint8).transpose(2, 0, 1) for img, _ in batch]
    labels = torch.tensor([label for _, label in batch], dtype=torch.int64)
    return torch.from_numpy(np.stack(arrays)), labels


class Prefetcher:
    def __init__(self, loader, device):
        self.loader, self.device = loader, device
        self.mean = torch.tensor([255 * m for m in MEAN], device=device).view(1, 3, 1, 1)
        self.std = torch.tensor([255 * s for s in STD], device=device).view(1, 3, 1, 1)

    def __len__(self):
        return len(self.loader)

    def __iter__(self):
        for images, labels in self.loader:
            images = images.to(self.device, non_blocking=True).float()
            yield images.sub_(self.mean).div_(self.std), labels.to(self.device, non_blocking=True)


def get_loaders(root, size, batch, workers, device):
    train_tf = transforms.Compose([
        transforms.RandomResizedCrop(size, scale=(0.5, 1.0)),
        transforms.RandomHorizontalFlip(),
    ])
    val_tf = transforms.Compose([
        transforms.Resize(size),
        transforms.CenterCrop(size),
        transforms.ToTensor(),
    ])
    train_set = datasets.ImageFolder(os.path.join(root, "train"), train_tf)
    val_set = datasets.ImageFolder(os.path.join(root, "val"), val_tf)
    train = DataLoader(train_set, batch, shuffle=True, num_workers=workers, collate_fn=collate_uint8,
                       drop_last=True, pin_memory=device.type == "cuda")
    val = DataLoader(val_set, batch, shuffle=False, num_workers=workers, pin_memory=device.type == "cuda")
    return Prefetcher(train, device), val, train_set.classes
