#!/usr/bin/env python
"""Chest x-rays, normal / bacterial / viral.

DenseNet-121: the classifier and the last dense block are trained first; from --open-at on the
rest of the features joins in as a second group with a tenth of the rate.
"""
import argparse
import csv
import os

import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import models
from torchvision import transforms as tr

KINDS = {"normal": 0, "bacterial": 1, "viral": 2}
IMAGENET_MEAN = [0.485, 0.456, 0.406]
IMAGENET_STD = [0.229, 0.224, 0.225]


class XrayCsv(Dataset):
    def __init__(self, csv_path, transform):
        self.base = os.path.dirname(csv_path)
        self.transform = transform
        with open(csv_path, newline="") as f:
            self.rows = [(r["image"], KINDS[r["kind"]]) for r in csv.DictReader(f)]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, idx):
        name, kind = self.rows[idx]
        img = Image.open(os.path.join(self.base, name)).convert("L").convert("RGB")
        return self.transform(img), kind


def set_grad(modules, on):
    for m in modules:
        for p in m.parameters():
            p.requires_grad_(on)


def train_mode(net, closed):
    """train(), except for the blocks that are closed: these keep their running statistics"""
    net.train()
    for m in closed:
        m.eval()


def run_val(net, loader, dev):
    net.eval()
    tp = torch.zeros(3, device=dev)
    actual = torch.zeros(3, device=dev)
    guessed = torch.zeros(3, device=dev)
    loss_sum = torch.zeros((), device=dev)
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(dev, non_blocking=True), y.to(dev, non_blocking=True)
            z = net(x)
            loss_sum += F.cross_entropy(z, y, reduction="sum")
            g = z.argmax(1)
            tp += torch.bincount(y[g == y], minlength=3)
            actual += torch.bincount(y, minlength=3)
            guessed += torch.bincount(g, minlength=3)
    precision = tp / guessed.clamp(min=1)
    recall = tp / actual.clamp(min=1)
    f1 = 2 * precision * recall / (precision + recall).clamp(min=1e-8)
    return (loss_sum / actual.sum()).item(), (tp.sum() / actual.sum()).item(), f1.mean().item()


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--train-csv", default="xray/train.csv")
    p.add_argument("--val-csv", default="xray/val.csv")
    p.add_argument("--epochs", type=int, default=24)
    p.add_argument("--open-at", type=int, default=6, help="epoch (from 0) at which everything is trained")
    p.add_argument("--lr", type=float, default=3e-4)
    p.add_argument("--batch-size", type=int, default=32)
    p.add_argument("--workers", type=int, default=4)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--save", default="xray_densenet.pth")
    a = p.parse_args()

    torch.manual_seed(a.seed)
    dev = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    tail = [tr.ToTensor(), tr.Normalize(IMAGENET_MEAN, IMAGENET_STD)]
    train_ds = XrayCsv(a.train_csv, tr.Compose([
        tr.Resize((256, 256)),
        tr.RandomAffine(degrees=7, translate=(0.05, 0.05), scale=(0.95, 1.05)),
        tr.RandomCrop(224),
    ] + tail))
    val_ds = XrayCsv(a.val_csv, tr.Compose([tr.Resize((256, 256)), tr.CenterCrop(224)] + tail))
    train_dl = DataLoader(train_ds, a.batch_size, shuffle=True, num_workers=a.workers, pin_memory=True)
    val_dl = DataLoader(val_ds, a.batch_size, shuffle=False, num_workers=a.workers, pin_memory=True)

    net = models.densenet121(weights=models.DenseNet121_Weights.IMAGENET1K_V1)
    net.classifier = nn.Linear(net.classifier.in_features, len(KINDS))
    net.to(dev)

    blocks = list(net.features.children())
    early, late = blocks[:-2], blocks[-2:]          # late: denseblock4 and norm5
    set_grad(early, False)
    late_params = [q for m in late for q in m.parameters()]
    opt = torch.optim.AdamW(late_params + list(net.classifier.parameters()), lr=a.lr, weight_decay=1e-4)

    counts = torch.bincount(torch.tensor([k for _, k in train_ds.rows]), minlength=len(KINDS)).float()
    class_weight = (counts.sum() / (len(KINDS) * counts)).to(dev)

    best_f1, closed = 0.0, early
    for epoch in range(a.epochs):
        if epoch == a.open_at:
            set_grad(early, True)
            opt.add_param_group({"params": [q for m in early for q in m.parameters()], "lr": a.lr / 10})
            closed = []
        train_mode(net, closed)
        for x, y in train_dl:
            x, y = x.to(dev, non_blocking=True), y.to(dev, non_blocking=True)
            opt.zero_grad(set_to_none=True)
            F.cross_entropy(net(x), y, weight=class_weight).backward()
            opt.step()
        val_loss, acc, f1 = run_val(net, val_dl, dev)
        print(f"epoch {epoch:2d} groups {len(opt.param_groups)} val loss {val_loss:.4f} acc {acc:.4f} macro f1 {f1:.4f}")
        if f1 > best_f1:
            best_f1 = f1
            torch.save({"model": net.state_dict(), "epoch": epoch, "f1": f1}, a.save)


if __name__ == "__main__":
    main()
