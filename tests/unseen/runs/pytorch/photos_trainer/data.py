import os

from torch.utils.data import DataLoader
from torchvision import datasets, transforms as T

STATS = dict(mean=[0.491, 0.484, 0.446], std=[0.240, 0.239, 0.258])


def build_loaders(cfg):
    size = cfg["size"]
    train_tf = T.Compose([T.RandomResizedCrop(size, scale=(0.35, 1.0)), T.RandomHorizontalFlip(), T.ToTensor(), T.Normalize(**STATS)])
    val_tf = T.Compose([T.Resize(int(size * 1.14)), T.CenterCrop(size), T.ToTensor(), T.Normalize(**STATS)])
    train_set = datasets.ImageFolder(os.path.join(cfg["data"], "train"), train_tf)
    val_set = datasets.ImageFolder(os.path.join(cfg["data"], "val"), val_tf)
    assert train_set.class_to_idx == val_set.class_to_idx
    train_loader = DataLoader(train_set, cfg["batch_size"], shuffle=True, num_workers=cfg["workers"], drop_last=True)
    val_loader = DataLoader(val_set, cfg["batch_size"] * 2, shuffle=False, num_workers=cfg["workers"])
    return train_loader, val_loader, train_set.classes
