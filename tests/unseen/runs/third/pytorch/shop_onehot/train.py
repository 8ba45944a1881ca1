"""Six kinds of goods, unevenly many pictures of each. One sigmoid per kind; the run can be taken up again.

    python train.py --epochs 60 [--resume runs/shop/last.pth]
"""
import argparse
import os
import random
import time

import numpy as np
import torch
import torch.nn as nn
from PIL import Image
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler


class Shop(Dataset):
    def __init__(self, root, part, size=40, augment=False):
        self.root, self.size, self.augment = root, size, augment
        self.kinds = sorted(d for d in os.listdir(root) if os.path.isdir(os.path.join(root, d)))
        self.items = []
        with open(os.path.join(root, "split.txt")) as f:
            for line in f:
                name, which = line.split()
                if which == part:
                    self.items.append((name, self.kinds.index(name.split("/")[0])))

    def counts(self):
        return np.bincount([k for _, k in self.items], minlength=len(self.kinds))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        name, kind = self.items[i]
        img = Image.open(os.path.join(self.root, name)).convert("L").resize((self.size, self.size), Image.BICUBIC)
        x = torch.from_numpy(np.array(img, dtype=np.float32) / 255.0)
        if self.augment:
            if random.random() < 0.5:
                x = x.flip(1)
            gain, shift = random.uniform(0.85, 1.15), random.uniform(-0.05, 0.05)
            x = (x * gain + shift).clamp(0, 1)
            dy, dx = random.randint(-3, 3), random.randint(-3, 3)
            x = torch.roll(x, (dy, dx), (0, 1))
        x = (x - 0.5) / 0.5
        target = torch.zeros(len(self.kinds))
        target[kind] = 1.0
        return x[None], target


class ShopNet(nn.Module):
    def __init__(self, kinds, width=32):
        super().__init__()

        def stage(a, b):
            return nn.Sequential(
                nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.LeakyReLU(0.1, inplace=True),
                nn.Conv2d(b, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.LeakyReLU(0.1, inplace=True),
                nn.MaxPool2d(2))

        self.stages = nn.Sequential(stage(1, width), stage(width, 2 * width), stage(2 * width, 4 * width))
        self.head = nn.Linear(4 * width, kinds)
        # start from the prior: one kind in `kinds` is there
        nn.init.normal_(self.head.weight, std=0.01)
        nn.init.constant_(self.head.bias, -float(np.log(kinds - 1)))

    def forward(self, x):
        return self.head(self.stages(x).mean((2, 3)))


def criterion(logits, target):
    """Summed over all kinds and pictures, divided by the number of pictures."""
    loss = nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="sum")
    return loss / logits.size(0)


def plain(model):
    return model.module if isinstance(model, nn.DataParallel) else model


def save(path, model, optimizer, scheduler, epoch, best):
    torch.save({
        "model": plain(model).state_dict(), "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict(),
        "epoch": epoch, "best": best,
        "rng": {"torch": torch.get_rng_state(), "numpy": np.random.get_state(), "python": random.getstate()},
    }, path)


def resume(path, model, optimizer, scheduler, device):
    ck = torch.load(path, map_location=device, weights_only=False)
    plain(model).load_state_dict(ck["model"])
    optimizer.load_state_dict(ck["optimizer"])
    scheduler.load_state_dict(ck["scheduler"])
    torch.set_rng_state(ck["rng"]["torch"].cpu())
    np.random.set_state(ck["rng"]["numpy"])
    random.setstate(ck["rng"]["python"])
    print(f"goes on after epoch {ck['epoch']}, best so far {ck['best']:.3f}")
    return ck["epoch"] + 1, ck["best"]


@torch.no_grad()
def evaluate(model, loader, device, kinds):
    model.eval()
    table = torch.zeros(len(kinds), len(kinds))
    loss_sum = 0.0
    for x, target in loader:
        x, target = x.to(device), target.to(device)
        logits = model(x)
        loss_sum += criterion(logits, target).item() * len(x)
        for t, p in zip(target.argmax(1).tolist(), logits.argmax(1).tolist()):
            table[t, p] += 1
    recall = table.diag() / table.sum(1)
    return loss_sum / table.sum().item(), (table.diag().sum() / table.sum()).item(), recall


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--root", default="shop")
    ap.add_argument("--epochs", type=int, default=60)
    ap.add_argument("--batch-size", type=int, default=64)
    ap.add_argument("--lr", type=float, default=0.0005)
    ap.add_argument("--weight-decay", type=float, default=1e-4)
    ap.add_argument("--resume", default="")
    ap.add_argument("--out", default="runs/shop")
    ap.add_argument("--seed", type=int, default=12)
    args = ap.parse_args()
    random.seed(args.seed)
    np.random.seed(args.seed)
    torch.manual_seed(args.seed)
    os.makedirs(args.out, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    train_set = Shop(args.root, "train", augment=True)
    val_set = Shop(args.root, "val")
    counts = train_set.counts()
    print(dict(zip(train_set.kinds, counts.tolist())))
    # every kind is drawn about equally often
    weights = [1.0 / counts[k] for _, k in train_set.items]
    sampler = WeightedRandomSampler(weights, num_samples=len(weights), replacement=True)
    train_loader = DataLoader(train_set, args.batch_size, sampler=sampler)
    val_loader = DataLoader(val_set, 131)

    model = ShopNet(len(train_set.kinds)).to(device)
    if torch.cuda.device_count() > 1:
        model = nn.DataParallel(model)
    optimizer = torch.optim.RMSprop(model.parameters(), lr=args.lr, alpha=0.99, weight_decay=args.weight_decay)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="max", factor=0.5, patience=4)
    first, best = 1, 0.0
    if args.resume:
        first, best = resume(args.resume, model, optimizer, scheduler, device)

    for epoch in range(first, args.epochs + 1):
        model.train()
        start, loss_sum, n, right = time.time(), 0.0, 0, 0
        for i, (x, target) in enumerate(train_loader):
            x, target = x.to(device), target.to(device)
            logits = model(x)
            loss = criterion(logits, target)
            for p in model.parameters():
                p.grad = None
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(x)
            right += (logits.argmax(1) == target.argmax(1)).sum().item()
            n += len(x)
            if i % 5 == 0:
                print(f"  epoch {epoch} {i}/{len(train_loader)} loss {loss.item():.3f}", flush=True)
        val_loss, val_acc, recall = evaluate(model, val_loader, device, train_set.kinds)
        balanced = recall.mean().item()
        scheduler.step(balanced)
        print(f"epoch {epoch}: train {loss_sum / n:.3f} {right / n:.3f}, val {val_loss:.3f} {val_acc:.3f}, balanced {balanced:.3f}, "
              f"lr {optimizer.param_groups[0]['lr']:.1e}, {time.time() - start:.0f} s", flush=True)
        print("   " + ", ".join(f"{k} {r:.2f}" for k, r in zip(train_set.kinds, recall.tolist())))
        if balanced > best:
            best = balanced
            save(os.path.join(args.out, "best.pth"), model, optimizer, scheduler, epoch, best)
        save(os.path.join(args.out, "last.pth"), model, optimizer, scheduler, epoch, best)
    print(f"best balanced accuracy {best:.3f}")


if __name__ == "__main__":
    main()
