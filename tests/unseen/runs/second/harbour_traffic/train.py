"""Vehicle classification (road / water / air).

usage: python train.py --data vehicles --epochs 60
"""
import argparse
import time

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import models

from data import VehicleDataset, build_transforms


def get_args():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="vehicles")
    p.add_argument("--epochs", type=int, default=60)
    p.add_argument("--batch-size", type=int, default=32)
    p.add_argument("--size", type=int, default=112)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--wd", type=float, default=0.01)
    p.add_argument("--workers", type=int, default=2)
    p.add_argument("--seed", type=int, default=7)
    return p.parse_args()


def train_epoch(model, loader, criterion, optimizer, device):
    model.train()
    seen = hits = 0
    running = 0.0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        out = model(x)
        loss = criterion(out, y)
        loss.backward()
        optimizer.step()
        running += loss.item() * y.size(0)
        hits += (out.argmax(1) == y).sum().item()
        seen += y.size(0)
    return running / seen, hits / seen


@torch.no_grad()
def validate(model, loader, criterion, device):
    model.eval()
    seen = hits = 0
    running = 0.0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        out = model(x)
        running += criterion(out, y).item() * y.size(0)
        hits += (out.argmax(1) == y).sum().item()
        seen += y.size(0)
    return running / seen, hits / seen


def main():
    args = get_args()
    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    t_train, t_val = build_transforms(args.size)
    train_ds = VehicleDataset(args.data, "train.csv", t_train)
    val_ds = VehicleDataset(args.data, "valid.csv", t_val)
    num_classes = len(train_ds.classes)
    print(f"{len(train_ds)} train / {len(val_ds)} valid images, {num_classes} classes")

    train_loader = DataLoader(train_ds, args.batch_size, shuffle=True,
                              num_workers=args.workers, drop_last=True)
    val_loader = DataLoader(val_ds, args.batch_size * 2, num_workers=args.workers)

    model = models.mobilenet_v3_small(weights=None, num_classes=num_classes).to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=args.wd)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=args.epochs)

    best = 0.0
    for epoch in range(1, args.epochs + 1):
        t0 = time.time()
        tr_loss, tr_acc = train_epoch(model, train_loader, criterion, optimizer, device)
        va_loss, va_acc = validate(model, val_loader, criterion, device)
        scheduler.step()
        print(f"[{epoch:03d}] train {tr_loss:.4f}/{tr_acc:.3f}  "
              f"valid {va_loss:.4f}/{va_acc:.3f}  {time.time() - t0:.1f}s")
        if va_acc > best:
            best = va_acc
            torch.save({"model": model.state_dict(), "classes": train_ds.classes}, "vehicles_best.pt")
    print("best valid accuracy", best)


if __name__ == "__main__":
    main()
