import argparse
import json
import os
import time

import torch
import torch.nn as nn
from torch.optim.lr_scheduler import MultiStepLR
from torch.utils.data import DataLoader

from batches import PickledImages
from densenet import PickleDense


class Average:
    def __init__(self):
        self.sum = self.n = 0

    def add(self, value, n):
        self.sum += value * n
        self.n += n

    @property
    def value(self):
        return self.sum / max(1, self.n)


def get_args():
    p = argparse.ArgumentParser(description="dense network on pickled batches")
    p.add_argument("--root", default="batches")
    p.add_argument("--epochs", type=int, default=90)
    p.add_argument("--batch-size", type=int, default=40)
    p.add_argument("--lr", type=float, default=0.03)
    p.add_argument("--growth", type=int, default=16)
    p.add_argument("--depth", type=int, nargs="+", default=[3, 4, 4])
    p.add_argument("--wd", type=float, default=1e-4)
    p.add_argument("--out", default="runs/pickle_dense")
    p.add_argument("--seed", type=int, default=1)
    return p.parse_args()


def accuracy(logits, target):
    return (logits.argmax(dim=1) == target).float().mean().item()


def train(model, loader, criterion, optimizer, device, epoch):
    model.train()
    losses, accs = Average(), Average()
    for it, (images, target) in enumerate(loader):
        images, target = images.to(device), target.to(device)
        logits = model(images)
        loss = criterion(logits, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.add(loss.item(), len(target))
        accs.add(accuracy(logits, target), len(target))
        if it % 8 == 0:
            print(f"[{epoch}] {it:3d}/{len(loader)} loss {losses.value:.4f} acc {accs.value:.4f}", flush=True)
    return losses.value, accs.value


def validate(model, loader, criterion, device):
    model.eval()
    losses, accs = Average(), Average()
    with torch.no_grad():
        for images, target in loader:
            images, target = images.to(device), target.to(device)
            logits = model(images)
            losses.add(criterion(logits, target).item(), len(target))
            accs.add(accuracy(logits, target), len(target))
    return losses.value, accs.value


def main():
    args = get_args()
    torch.manual_seed(args.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    os.makedirs(args.out, exist_ok=True)

    train_set = PickledImages(args.root, [f"data_batch_{i}" for i in range(1, 5)], augment=True)
    test_set = PickledImages(args.root, ["test_batch"], mean=train_set.mean, std=train_set.std)
    train_loader = DataLoader(train_set, batch_size=args.batch_size, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=100)

    model = PickleDense(growth=args.growth, depth=tuple(args.depth), device=device).to(device)
    print(model)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9, weight_decay=args.wd)
    scheduler = MultiStepLR(optimizer, milestones=[int(args.epochs * 0.5), int(args.epochs * 0.8)], gamma=0.1)

    history, best = [], 0.0
    for epoch in range(args.epochs):
        t = time.time()
        tr = train(model, train_loader, criterion, optimizer, device, epoch)
        te = validate(model, test_loader, criterion, device)
        scheduler.step()
        print(f"epoch {epoch}: train {tr[0]:.4f} / {tr[1]:.4f}, test {te[0]:.4f} / {te[1]:.4f}, {time.time() - t:.0f} s")
        history.append({"epoch": epoch, "train": tr, "test": te, "lr": optimizer.param_groups[0]["lr"]})
        with open(os.path.join(args.out, "history.json"), "w") as f:
            json.dump(history, f, indent=1)
        if te[1] > best:
            best = te[1]
            torch.save(model.state_dict(), os.path.join(args.out, "best.pth"))
    print("best test accuracy", best)


if __name__ == "__main__":
    main()
