"""Train a timm network on the gallery.

    python train.py --root gallery --arch resnet10t --epochs 40
"""
import argparse
import csv
import random
import time
from pathlib import Path

import numpy as np
import timm
import torch
import torch.nn.functional as F
from timm.utils import AverageMeter, accuracy
from torch.utils.data import DataLoader

from dataset import Gallery


def parse_args():
    p = argparse.ArgumentParser()
    p.add_argument("--root", default="gallery")
    p.add_argument("--arch", default="resnet10t")
    p.add_argument("--size", type=int, default=64)
    p.add_argument("--epochs", type=int, default=40)
    p.add_argument("-b", "--batch-size", type=int, default=32)
    p.add_argument("--lr", type=float, default=8e-4)
    p.add_argument("--weight-decay", type=float, default=0.03)
    p.add_argument("--drop", type=float, default=0.1)
    p.add_argument("--seed", type=int, default=2024)
    p.add_argument("--amp", action="store_true")
    p.add_argument("--out", type=Path, default=Path("runs/gallery"))
    return p.parse_args()


def seed_all(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def make_loaders(args):
    train_set = Gallery(args.root, "train", args.size)
    val_set = Gallery(args.root, "val", args.size)
    print("classes:", ", ".join(train_set.classes))
    print("train per class", train_set.counts(), " val per class", val_set.counts())
    train_loader = DataLoader(train_set, args.batch_size, shuffle=True, drop_last=True)
    val_loader = DataLoader(val_set, args.batch_size * 2)
    return train_loader, val_loader, len(train_set.classes)


def train(model, loader, optimizer, scaler, device, args, epoch):
    model.train()
    loss_m, top1_m = AverageMeter(), AverageMeter()
    for i, (x, y) in enumerate(loader):
        x, y = x.to(device), y.to(device)
        with torch.autocast(device.type, enabled=args.amp and device.type == "cuda"):
            out = model(x)
            loss = F.cross_entropy(out, y, label_smoothing=0.1)
        optimizer.zero_grad()
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        scaler.step(optimizer)
        scaler.update()
        loss_m.update(loss.item(), y.size(0))
        top1_m.update(accuracy(out.detach(), y)[0].item(), y.size(0))
        if i % 8 == 0:
            print(f"  epoch {epoch} [{i}/{len(loader)}] loss {loss_m.val:.3f} ({loss_m.avg:.3f}) top1 {top1_m.avg:.1f}", flush=True)
    return loss_m.avg, top1_m.avg


@torch.inference_mode()
def validate(model, loader, device):
    model.eval()
    loss_m, top1_m = AverageMeter(), AverageMeter()
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        out = model(x)
        loss_m.update(F.cross_entropy(out, y).item(), y.size(0))
        top1_m.update(accuracy(out, y)[0].item(), y.size(0))
    return loss_m.avg, top1_m.avg


def main():
    args = parse_args()
    seed_all(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    args.out.mkdir(parents=True, exist_ok=True)

    train_loader, val_loader, num_classes = make_loaders(args)
    model = timm.create_model(args.arch, pretrained=False, num_classes=num_classes, drop_rate=args.drop).to(device)
    print(f"{args.arch}: {sum(p.numel() for p in model.parameters()):,} parameters")

    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=args.weight_decay)
    warmup = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.1, total_iters=3)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=max(1, args.epochs - 3), eta_min=1e-6)
    scheduler = torch.optim.lr_scheduler.SequentialLR(optimizer, [warmup, cosine], milestones=[3])
    scaler = torch.amp.GradScaler(device.type, enabled=args.amp and device.type == "cuda")

    best = -1.0
    with open(args.out / "summary.csv", "w", newline="") as f:
        writer = csv.writer(f)
        writer.writerow(["epoch", "lr", "train_loss", "train_top1", "val_loss", "val_top1"])
        for epoch in range(args.epochs):
            start = time.time()
            lr = optimizer.param_groups[0]["lr"]
            train_stats = train(model, train_loader, optimizer, scaler, device, args, epoch)
            val_stats = validate(model, val_loader, device)
            scheduler.step()
            writer.writerow([epoch, lr, *train_stats, *val_stats])
            f.flush()
            print(f"epoch {epoch} lr {lr:.2e} train {train_stats[0]:.3f} {train_stats[1]:.1f} "
                  f"val {val_stats[0]:.3f} {val_stats[1]:.1f} ({time.time() - start:.0f} s)", flush=True)
            if val_stats[1] > best:
                best = val_stats[1]
                torch.save({"arch": args.arch, "state_dict": model.state_dict(), "epoch": epoch, "top1": best},
                           args.out / "best.pth.tar")
    print(f"best top1 {best:.2f}")


if __name__ == "__main__":
    main()
