import torchvision.transforms.v2 as v2
import torch


def train_augment(size):
    return v2.Compose([
        v2.RandomResizedCrop(size, scale=(0.6, 1.0)),
        v2.RandomHorizontalFlip(p=0.5),
        v2.ColorJitter(brightness=0.2, contrast=0.2),
        v2.ToImage(),
        v2.ToDtype(torch.float32, scale=True),
    ])


def eval_augment(size):
    return v2.Compose([
        v2.Resize((size, size)),
        v2.ToImage(),
        v2.ToDtype(torch.float32, scale=True),
    ])
