from pathlib import Path

from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

IMAGENET = dict(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
CUBIC = transforms.InterpolationMode.BICUBIC


def get_transform(train: bool):
    if train:
        return transforms.Compose([
            transforms.RandomResizedCrop(224, scale=(0.5, 1.0), interpolation=CUBIC),
            transforms.RandomHorizontalFlip(),
            transforms.RandAugment(num_ops=2, magnitude=7),
            transforms.ToTensor(),
            transforms.Normalize(**IMAGENET),
        ])
    return transforms.Compose([
        transforms.Resize(256, interpolation=CUBIC),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize(**IMAGENET),
    ])


def get_loader(cfg, part: str) -> DataLoader:
    train = part == "train"
    dataset = ImageFolder(Path(cfg.root) / part, get_transform(train))
    if len(dataset.classes) != cfg.num_classes:
        raise ValueError(f"{part} has {len(dataset.classes)} classes, expected {cfg.num_classes}")
    return DataLoader(dataset, batch_size=cfg.batch_size, shuffle=train, num_workers=cfg.workers, pin_memory=True)
