from pathlib import Path

from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2
import torch


def transforms(cfg, train):
    steps = [v2.ToImage()]
    if train:
        steps += [
            v2.RandomResizedCrop(cfg["size"], scale=(0.6, 1.0), antialias=True),
            v2.RandomHorizontalFlip(0.5),
            v2.RandomVerticalFlip(0.5),
        ]
    else:
        steps += [v2.Resize((cfg["size"], cfg["size"]), antialias=True)]
    steps += [v2.ToDtype(torch.float32, scale=True), v2.Normalize(cfg["mean"], cfg["std"])]
    return v2.Compose(steps)


def loader(cfg, split):
    train = split == "train"
    ds = ImageFolder(Path(cfg["root"]) / split, transform=transforms(cfg, train))
    if ds.classes != cfg["classes"]:
        raise ValueError(f"folders {ds.classes} do not agree with the configuration {cfg['classes']}")
    return DataLoader(ds, batch_size=cfg["batch"], shuffle=train, drop_last=train,
                      num_workers=cfg["workers"], pin_memory=True)
