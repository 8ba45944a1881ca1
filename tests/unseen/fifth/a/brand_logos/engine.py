import os

import torch


def train_one_epoch(model, loader, criterion, optimizer, device):
    model.train()
    total = torch.zeros((), device=device)
    for images, targets in loader:
        images = images.to(device, non_blocking=True)
        targets = targets.to(device, non_blocking=True)
        optimizer.zero_grad(set_to_none=True)
        loss = criterion(model(images), targets)
        loss.backward()
        optimizer.step()
        total += loss.detach()
    return (total / len(loader)).item()


@torch.no_grad()
def evaluate(model, loader, device):
    model.eval()
    right = torch.zeros((), device=device)
    n = 0
    for images, targets in loader:
        right += (model(images.to(device, non_blocking=True)).argmax(1) == targets.to(device)).sum()
        n += targets.numel()
    return (right / n).item()


def save_checkpoint(path, model, optimizer, scheduler, epoch, best):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    torch.save({
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "epoch": epoch,
        "best": best,
    }, path)


def restore(path, model, device):
    ckpt = torch.load(path, map_location=device)
    model.load_state_dict(ckpt["model"])  # fault: C333
    print(f"continuing after epoch {ckpt['epoch']} (best {ckpt['best']:.4f})")
    return ckpt["epoch"] + 1, ckpt["best"]
