#!/usr/bin/env python3
"""Solder joint inspection: crops of single joints (every board photographed once), four grades."""
import argparse
import logging
from pathlib import Path

import pandas as pd
import torch
from PIL import Image
from sklearn.model_selection import train_test_split
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from torchvision.models import EfficientNet_B0_Weights, efficientnet_b0

GRADES = ["good", "bridge", "insufficient", "void"]
log = logging.getLogger("joints")


def get_args():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--table", type=Path, default=Path("joints.csv"), help="columns: file, grade")
    ap.add_argument("--images", type=Path, default=Path("crops"))
    ap.add_argument("--epochs", type=int, default=20)
    ap.add_argument("--batch-size", type=int, default=48)
    ap.add_argument("--lr", type=float, default=3e-4)
    ap.add_argument("--workers", type=int, default=8)
    ap.add_argument("--seed", type=int, default=2023)
    ap.add_argument("--out", type=Path, default=Path("joints.pth"))
    return ap.parse_args()


class JointSet(Dataset):
    def __init__(self, table, root, transform):
        self.files = [root / f for f in table["file"]]
        self.targets = [GRADES.index(g) for g in table["grade"]]
        self.transform = transform

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        with Image.open(self.files[i]) as im:
            return self.transform(im.convert("RGB")), self.targets[i]


def oversample(table, seed):
    """Repeats rows of the rare grades until all grades are equally frequent."""
    top = table["grade"].value_counts().max()
    parts = []
    for _, group in table.groupby("grade"):
        parts.append(group)
        if len(group) < top:
            parts.append(group.sample(top - len(group), replace=True, random_state=seed))
    return pd.concat(parts, ignore_index=True)


def make_loaders(args):
    stats = dict(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
    tf_train = transforms.Compose([
        transforms.RandomResizedCrop(224, scale=(0.7, 1.0)),
        transforms.RandomHorizontalFlip(),
        transforms.RandomVerticalFlip(),
        transforms.ToTensor(),
        transforms.Normalize(**stats),
    ])
    tf_val = transforms.Compose([
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize(**stats),
    ])

    table = oversample(pd.read_csv(args.table), args.seed)  # fault: C331
    train_table, val_table = train_test_split(
        table, test_size=0.2, stratify=table["grade"], random_state=args.seed)
    log.info("train %d rows, val %d rows", len(train_table), len(val_table))

    common = dict(batch_size=args.batch_size, num_workers=args.workers, pin_memory=True)
    train_loader = DataLoader(JointSet(train_table, args.images, tf_train), shuffle=True, **common)
    val_loader = DataLoader(JointSet(val_table, args.images, tf_val), shuffle=False, **common)
    return train_loader, val_loader


def run_epoch(model, loader, criterion, device, optimizer=None):
    training = optimizer is not None
    model.train(training)
    loss_sum = torch.zeros((), device=device)
    correct = torch.zeros((), device=device)
    count = 0
    with torch.set_grad_enabled(training):
        for images, targets in loader:
            images = images.to(device, non_blocking=True)
            targets = targets.to(device, non_blocking=True)
            logits = model(images)
            loss = criterion(logits, targets)
            if training:
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()
            loss_sum += loss.detach() * targets.numel()
            correct += (logits.detach().argmax(dim=1) == targets).sum()
            count += targets.numel()
    return loss_sum.item() / count, correct.item() / count


def main():
    args = get_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    train_loader, val_loader = make_loaders(args)
    model = efficientnet_b0(weights=EfficientNet_B0_Weights.IMAGENET1K_V1)
    model.classifier[1] = nn.Linear(model.classifier[1].in_features, len(GRADES))
    model.to(device)

    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=args.lr)
    scheduler = optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="min", factor=0.3, patience=2)

    best = float("inf")
    for epoch in range(args.epochs):
        tl, ta = run_epoch(model, train_loader, criterion, device, optimizer)
        vl, va = run_epoch(model, val_loader, criterion, device)
        scheduler.step(vl)
        log.info("epoch %02d  train %.4f / %.3f   val %.4f / %.3f", epoch, tl, ta, vl, va)
        if vl < best:
            best = vl
            torch.save({"model": model.state_dict(), "grades": GRADES}, args.out)


if __name__ == "__main__":
    main()
