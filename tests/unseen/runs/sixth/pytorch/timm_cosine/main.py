"""Train a small timm network on class folders, warm-up and cosine, per iteration."""
import math
import os
from dataclasses import dataclass

import timm
import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder


@dataclass
class Config:
    root: str = "vehicles_animals"
    arch: str = "resnet10t"
    size: int = 64
    batch: int = 30
    epochs: int = 50
    base_lr: float = 0.04
    min_lr: float = 4e-4
    warmup_epochs: int = 1
    momentum: float = 0.9
    weight_decay: float = 5e-4


def cosine_warmup(cfg, iters):
    warm, total = cfg.warmup_epochs * iters, cfg.epochs * iters

    def schedule(it):
        if it < warm:
            return cfg.base_lr * (it + 1) / warm
        t = (it - warm) / max(1, total - warm)
        return cfg.min_lr + 0.5 * (cfg.base_lr - cfg.min_lr) * (1 + math.cos(math.pi * t))

    return schedule


def loaders(cfg):
    normalize = transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    train = ImageFolder(os.path.join(cfg.root, "train"), transforms.Compose([
        transforms.RandomResizedCrop(cfg.size, (0.6, 1)), transforms.RandomHorizontalFlip(),
        transforms.ToTensor(), normalize]))
    val = ImageFolder(os.path.join(cfg.root, "val"), transforms.Compose([
        transforms.Resize((cfg.size, cfg.size)), transforms.ToTensor(), normalize]))
    assert train.class_to_idx == val.class_to_idx
    return (DataLoader(train, cfg.batch, shuffle=True, drop_last=True),
            DataLoader(val, 2 * cfg.batch), train.classes)


def main():
    cfg = Config()
    torch.manual_seed(31)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train, val, classes = loaders(cfg)
    model = timm.create_model(cfg.arch, num_classes=len(classes), drop_rate=0.1).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=cfg.base_lr, momentum=cfg.momentum,
                                weight_decay=cfg.weight_decay)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lr_lambda=cosine_warmup(cfg, len(train)))
    criterion = nn.CrossEntropyLoss()

    for epoch in range(cfg.epochs):
        model.train()
        total = 0.0
        for x, y in train:
            x, y = x.to(device), y.to(device)
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
            total += loss.item()
        model.eval()
        ok = n = 0
        with torch.no_grad():
            for x, y in val:
                ok += (model(x.to(device)).argmax(1) == y.to(device)).sum().item()
                n += y.size(0)
        print(f"epoch {epoch:02d} loss {total / len(train):.4f} val {ok / n:.4f}")


if __name__ == "__main__":
    main()
