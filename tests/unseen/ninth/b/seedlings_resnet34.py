"""Seedling species from photographs. The list is a csv with the columns file,species."""
import argparse
import random
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
from PIL import Image
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, Dataset
from torchvision import models, transforms

SPECIES = [
    "black_grass", "charlock", "cleavers", "chickweed", "wheat", "fat_hen",
    "loose_silky_bent", "maize", "mayweed", "shepherds_purse", "cranesbill", "sugar_beet",
]
PIXEL_MEAN, PIXEL_STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)  # fault: N204


class SeedlingList(Dataset):
    def __init__(self, frame, folder, transform):
        self.files = frame["file"].tolist()
        self.targets = [SPECIES.index(s) for s in frame["species"]]
        self.folder = Path(folder)
        self.transform = transform

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        with Image.open(self.folder / self.files[i]) as im:
            im = im.convert("RGB")
        return self.transform(im), self.targets[i]


class SeedlingNet(nn.Module):
    """ResNet-34 that takes pictures as the loader gives them; the standardising is done inside."""

    def __init__(self, n_out):
        super().__init__()
        self.body = models.resnet34(weights=models.ResNet34_Weights.IMAGENET1K_V1)
        self.body.fc = nn.Linear(self.body.fc.in_features, n_out)
        self.register_buffer("mean", torch.tensor(PIXEL_MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(PIXEL_STD).view(1, 3, 1, 1))

    def forward(self, x):
        x = (x - self.mean) / self.std
        return self.body(x)


def evaluate(net, loader, device):
    net.eval()
    right = torch.zeros((), device=device)
    seen = 0
    with torch.no_grad():
        for x, y in loader:
            x = x.to(device, non_blocking=True)
            y = y.to(device, non_blocking=True)
            right += (net(x).argmax(1) == y).sum()
            seen += y.size(0)
    return right.item() / seen


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--csv", default="seedlings/train.csv")
    ap.add_argument("--images", default="seedlings/train")
    ap.add_argument("--epochs", type=int, default=25)
    ap.add_argument("--batch", type=int, default=48)
    ap.add_argument("--lr", type=float, default=2e-4)
    ap.add_argument("--out", default="seedlings_resnet34.pth")
    args = ap.parse_args()

    random.seed(11)
    np.random.seed(11)
    torch.manual_seed(11)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    table = pd.read_csv(args.csv)
    train_df, val_df = train_test_split(table, test_size=0.2, stratify=table["species"], random_state=11)

    train_tf = transforms.Compose([
        transforms.RandomResizedCrop(224, scale=(0.5, 1.0)),
        transforms.RandomHorizontalFlip(),
        transforms.RandomVerticalFlip(),
        transforms.ToTensor(),
    ])
    val_tf = transforms.Compose([
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
    ])
    train_loader = DataLoader(SeedlingList(train_df, args.images, train_tf), batch_size=args.batch,
                              shuffle=True, num_workers=6, pin_memory=True)
    val_loader = DataLoader(SeedlingList(val_df, args.images, val_tf), batch_size=args.batch,
                            num_workers=6, pin_memory=True)

    net = SeedlingNet(len(SPECIES)).to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(net.parameters(), lr=args.lr, weight_decay=0.01)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=args.epochs)

    best = 0.0
    for epoch in range(1, args.epochs + 1):
        net.train()
        total = torch.zeros((), device=device)
        count = 0
        for x, y in train_loader:
            x = x.to(device, non_blocking=True)
            y = y.to(device, non_blocking=True)
            optimizer.zero_grad()
            loss = criterion(net(x), y)
            loss.backward()
            optimizer.step()
            total += loss.detach() * y.size(0)
            count += y.size(0)
        scheduler.step()
        acc = evaluate(net, val_loader, device)
        print(f"{epoch:3d}  loss {total.item() / count:.4f}  val acc {acc:.4f}")
        if acc > best:
            best = acc
            torch.save(net.state_dict(), args.out)


if __name__ == "__main__":
    main()
