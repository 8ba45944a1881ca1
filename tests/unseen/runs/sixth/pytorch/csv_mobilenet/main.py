import argparse
import time

import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision.models import mobilenet_v2

from dataset import CsvImages, build_transforms


class Meter:
    def __init__(self):
        self.sum, self.n = 0.0, 0

    def add(self, value, n):
        self.sum += float(value) * n
        self.n += n

    @property
    def avg(self):
        return self.sum / max(self.n, 1)


def train_one_epoch(model, loader, criterion, optimizer, scheduler, device):
    model.train()
    losses, accs = Meter(), Meter()
    for images, target in loader:
        images, target = images.to(device), target.to(device)
        output = model(images)
        loss = criterion(output, target)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        scheduler.step()
        losses.add(loss.item(), len(target))
        accs.add((output.argmax(1) == target).float().mean(), len(target))
    return losses.avg, accs.avg


@torch.no_grad()
def validate(model, loader, criterion, device):
    model.eval()
    losses, accs = Meter(), Meter()
    for images, target in loader:
        images, target = images.to(device), target.to(device)
        output = model(images)
        losses.add(criterion(output, target), len(target))
        accs.add((output.argmax(1) == target).float().mean(), len(target))
    return losses.avg, accs.avg


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="flat")
    p.add_argument("--size", type=int, default=64)
    p.add_argument("--epochs", type=int, default=50)
    p.add_argument("--batch-size", type=int, default=32)
    p.add_argument("--max-lr", type=float, default=2e-3)
    p.add_argument("--workers", type=int, default=0)
    a = p.parse_args()
    torch.manual_seed(2023)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    train_ds = CsvImages(a.data, "train.csv", build_transforms(a.size, True))
    valid_ds = CsvImages(a.data, "valid.csv", build_transforms(a.size, False))
    train_dl = DataLoader(train_ds, a.batch_size, shuffle=True, num_workers=a.workers, drop_last=True)
    valid_dl = DataLoader(valid_ds, a.batch_size, shuffle=False, num_workers=a.workers)

    model = mobilenet_v2(num_classes=len(train_ds.class_to_idx)).to(device)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.05)
    optimizer = optim.AdamW(model.parameters(), lr=a.max_lr, weight_decay=0.01)
    scheduler = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=a.max_lr,
                                              total_steps=a.epochs * len(train_dl))
    for epoch in range(1, a.epochs + 1):
        start = time.time()
        tr = train_one_epoch(model, train_dl, criterion, optimizer, scheduler, device)
        va = validate(model, valid_dl, criterion, device)
        print("epoch %d: train loss %.4f acc %.3f | valid loss %.4f acc %.3f | %.0fs"
              % (epoch, *tr, *va, time.time() - start))
    torch.save({"model": model.state_dict(), "classes": train_ds.class_to_idx}, "mobilenet.pt")
