#!/usr/bin/env python
"""Grey garment pictures listed in two csv files."""
import argparse
import os
import random

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms as T


def read_table(path):
    """csv with the columns file, category -> frame with a numeric target, names"""
    table = pd.read_csv(path, dtype={"file": str})
    table = table.drop_duplicates("file").reset_index(drop=True)
    table["target"], names = pd.factorize(table["category"])
    return table, list(names)


class Garments(Dataset):
    def __init__(self, folder, table, transform):
        self.folder, self.table, self.transform = folder, table, transform

    def __len__(self):
        return len(self.table)

    def __getitem__(self, i):
        row = self.table.iloc[i]
        picture = Image.open(os.path.join(self.folder, "img", row["file"])).convert("L")
        return self.transform(picture), int(row["target"])


class Net(nn.Module):
    def __init__(self, classes, width=24):
        super().__init__()
        def stage(i, o):
            return [nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True), nn.MaxPool2d(2)]
        self.features = nn.Sequential(*stage(1, width), *stage(width, 2 * width), *stage(2 * width, 4 * width))
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(4 * width, classes)

    def forward(self, x):
        x = self.features(x).mean(dim=(2, 3))
        return self.fc(self.drop(x))


def seed_everything(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def run_epoch(net, loader, criterion, optimizer=None):
    training = optimizer is not None
    net.train(training)
    total = right = n = 0
    with torch.set_grad_enabled(training):
        for x, y in loader:
            out = net(x)
            loss = criterion(out, y)
            if training:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            total += loss.item() * len(y)
            right += (out.argmax(1) == y).sum().item()
            n += len(y)
    return total / n, right / n


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--data", default="garments")
    ap.add_argument("--epochs", type=int, default=30)
    ap.add_argument("--batch-size", type=int, default=50)
    ap.add_argument("--lr", type=float, default=2e-3)
    ap.add_argument("--seed", type=int, default=1)
    args = ap.parse_args()
    seed_everything(args.seed)

    train_table, names = read_table(os.path.join(args.data, "train.csv"))
    val_table, val_names = read_table(os.path.join(args.data, "val.csv"))
    assert len(names) == len(val_names), "the lists do not have the same classes"
    print(f"{len(train_table)} training, {len(val_table)} validation pictures, {len(names)} classes")

    norm = [T.ToTensor(), T.Normalize([0.286], [0.353])]
    train_ds = Garments(args.data, train_table, T.Compose([T.RandomCrop(28, padding=2), T.RandomHorizontalFlip()] + norm))
    val_ds = Garments(args.data, val_table, T.Compose(norm))
    train_loader = DataLoader(train_ds, args.batch_size, shuffle=True)
    val_loader = DataLoader(val_ds, 100)

    net = Net(len(names))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=args.lr, weight_decay=1e-5)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs)
    for epoch in range(args.epochs):
        tl, ta = run_epoch(net, train_loader, criterion, optimizer)
        vl, va = run_epoch(net, val_loader, criterion)
        scheduler.step()
        print(f"epoch {epoch + 1:3d}  train {tl:.4f} {ta:.3f}  val {vl:.4f} {va:.3f}")


if __name__ == "__main__":
    main()
