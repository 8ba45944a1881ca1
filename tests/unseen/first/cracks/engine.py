# Faulty: N209, C327: the validation images go through the random training transform; the optimizer steps again after scaler.step
import torch
from torch.cuda.amp import autocast
from torch.nn.functional import cross_entropy


def train_one_epoch(model, loader, optimizer, scaler, device):
    model.train()
    total, count = 0.0, 0
    for images, labels in loader:
        images = images.to(device, non_blocking=True)
        labels = labels.to(device, non_blocking=True)
        optimizer.zero_grad()
        with autocast():
            loss = cross_entropy(model(images), labels)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        optimizer.step()  # fault: C327
        scaler.update()
        total += loss.item() * images.size(0)
        count += images.size(0)
    return total / count


@torch.no_grad()
def evaluate(model, loader, device):
    model.eval()
    ok, count = 0, 0
    for images, labels in loader:
        pred = model(images.to(device)).argmax(1)
        ok += (pred == labels.to(device)).sum().item()
        count += len(labels)
    return ok / count
