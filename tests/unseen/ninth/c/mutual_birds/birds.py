import os

import torch
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def transform(size, train):
    if train:
        head = [v2.RandomResizedCrop(size, scale=(0.4, 1.0), antialias=True), v2.RandomHorizontalFlip(),
                v2.ColorJitter(0.3, 0.3, 0.3)]
    else:
        head = [v2.Resize(int(size * 8 / 7), antialias=True), v2.CenterCrop(size)]
    return v2.Compose([v2.ToImage()] + head + [v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)])


def loader(args, part):
    train = part == "train"
    ds = ImageFolder(os.path.join(args.data_dir, part), transform(args.img_size, train))
    return DataLoader(ds, batch_size=args.batch_size, shuffle=train, drop_last=train,
                      num_workers=args.workers, pin_memory=True)
