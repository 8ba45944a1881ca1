import os

from torch.utils.data import DataLoader
from torchvision import datasets, transforms

MEAN, STD = (0.47, 0.47, 0.41), (0.24, 0.23, 0.26)


def loaders(root, batch, workers):
    train_t = transforms.Compose([
        transforms.RandomResizedCrop(128, scale=(0.5, 1.0)),
        transforms.RandomHorizontalFlip(),
        transforms.ColorJitter(0.2, 0.2, 0.2),
        transforms.ToTensor(),
        transforms.Normalize(MEAN, STD),
    ])
    val_t = transforms.Compose([
        transforms.Resize(144),
        transforms.CenterCrop(128),
        transforms.ToTensor(),
        transforms.Normalize(MEAN, STD),
    ])
    train = datasets.ImageFolder(os.path.join(root, 'train'), train_t)
    val = datasets.ImageFolder(os.path.join(root, 'val'), val_t)
    assert train.classes == val.classes
    kw = dict(batch_size=batch, num_workers=workers, pin_memory=True)
    return DataLoader(train, shuffle=True, drop_last=True, **kw), DataLoader(val, shuffle=False, **kw)
