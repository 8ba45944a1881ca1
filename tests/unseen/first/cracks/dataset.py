# Faulty: N209, C327: the validation images go through the random training transform; the optimizer steps again after scaler.step
from pathlib import Path

from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

MEAN = [0.485, 0.456, 0.406]
STD = [0.229, 0.224, 0.225]


def make_transform(side=224):
    return transforms.Compose([
        transforms.RandomResizedCrop(side, scale=(0.4, 1.0)),
        transforms.RandomHorizontalFlip(),
        transforms.RandomVerticalFlip(),
        transforms.ColorJitter(brightness=0.3, contrast=0.3),
        transforms.ToTensor(),
        transforms.Normalize(MEAN, STD),
    ])


def get_loaders(path, batch_size, workers=4):
    path = Path(path)
    transform = make_transform()
    train_set = ImageFolder(str(path / "train"), transform=transform)
    val_set = ImageFolder(str(path / "val"), transform=transform)  # fault: N209
    train = DataLoader(train_set, batch_size=batch_size, shuffle=True, num_workers=workers, drop_last=True)
    val = DataLoader(val_set, batch_size=batch_size, shuffle=False, num_workers=workers)
    return train, val
