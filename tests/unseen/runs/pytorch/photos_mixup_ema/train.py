# mixup + EMA baseline (competition starter)
import copy
import math
import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import yaml
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

HERE = os.path.dirname(os.path.abspath(__file__))


class EMA:
    """Running average of all weights; integer buffers are copied."""

    def __init__(self, model, decay):
        self.module = copy.deepcopy(model).eval()
        for p in self.module.parameters():
            p.requires_grad_(False)
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, model):
        self.updates += 1
        d = min(self.decay, (1 + self.updates) / (10 + self.updates))
        source = model.state_dict()
        for name, value in self.module.state_dict().items():
            new = source[name]
            if value.dtype.is_floating_point:
                value.mul_(d).add_(new, alpha=1 - d)
            else:
                value.copy_(new)


def mixup(x, y, num_classes, alpha):
    lam = np.random.beta(alpha, alpha)
    perm = torch.randperm(x.size(0), device=x.device)
    target = F.one_hot(y, num_classes).float()
    return lam * x + (1 - lam) * x[perm], lam * target + (1 - lam) * target[perm]


def soft_cross_entropy(logits, target):
    return -(target * F.log_softmax(logits, dim=1)).sum(dim=1).mean()


def lr_at(step, total, warmup, peak):
    if step < warmup:
        return peak * (step + 1) / warmup
    t = (step - warmup) / max(1, total - warmup)
    return peak * 0.5 * (1 + math.cos(math.pi * t))


def main():
    with open(os.path.join(HERE, "config.yaml")) as f:
        cfg = yaml.safe_load(f)
    torch.manual_seed(cfg["seed"])
    np.random.seed(cfg["seed"])
    device = "cuda" if torch.cuda.is_available() else "cpu"
    size = cfg["image_size"]
    norm = transforms.Normalize(cfg["mean"], cfg["std"])
    train_ds = datasets.ImageFolder(cfg["train_dir"], transforms.Compose([
        transforms.RandomResizedCrop(size, scale=(0.4, 1)), transforms.RandomHorizontalFlip(), transforms.ToTensor(), norm]))
    valid_ds = datasets.ImageFolder(cfg["valid_dir"], transforms.Compose([
        transforms.Resize(int(size * 1.14)), transforms.CenterCrop(size), transforms.ToTensor(), norm]))
    train_dl = DataLoader(train_ds, cfg["batch_size"], shuffle=True, drop_last=True, num_workers=cfg["workers"])
    valid_dl = DataLoader(valid_ds, cfg["batch_size"], num_workers=cfg["workers"])
    classes = len(train_ds.classes)

    model = models.resnet34(weights=None)
    model.load_state_dict(torch.load(cfg["pretrained"], map_location="cpu"))
    model.fc = nn.Linear(model.fc.in_features, classes)
    model.to(device)
    ema = EMA(model, cfg["ema_decay"])

    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg["lr"], weight_decay=cfg["weight_decay"])
    total = cfg["epochs"] * len(train_dl)
    warmup = cfg["warmup_epochs"] * len(train_dl)

    model.train()      # stays so: only the average is ever evaluated
    step, best = 0, 0.0
    for epoch in range(cfg["epochs"]):
        running = 0.0
        for x, y in train_dl:
            for g in optimizer.param_groups:
                g["lr"] = lr_at(step, total, warmup, cfg["lr"])
            x, y = x.to(device), y.to(device)
            x, soft = mixup(x, y, classes, cfg["mixup_alpha"])
            loss = soft_cross_entropy(model(x), soft)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            ema.update(model)
            running += loss.item()
            step += 1

        hits = 0
        with torch.no_grad():
            for x, y in valid_dl:
                hits += (ema.module(x.to(device)).argmax(1).cpu() == y).sum().item()
        acc = hits / len(valid_ds)
        print(f"epoch {epoch} train loss (mixed) {running / len(train_dl):.4f} ema val acc {acc:.4f}")
        if acc > best:
            best = acc
            torch.save(ema.module.state_dict(), cfg["output"])


if __name__ == "__main__":
    main()
