import math
import os
import sys

import torch
import yaml
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

here = os.path.dirname(os.path.abspath(__file__))


def load_config():
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "config.yaml")
    with open(path) as f:
        return yaml.safe_load(f)


def loaders(c):
    norm = transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    s = c["image_size"]
    aug = transforms.Compose([transforms.RandomResizedCrop(s, scale=(0.5, 1)), transforms.RandomHorizontalFlip(),
                              transforms.ToTensor(), norm])
    plain = transforms.Compose([transforms.Resize(s), transforms.CenterCrop(s), transforms.ToTensor(), norm])
    tr = datasets.ImageFolder(os.path.join(c["root"], "train"), aug)
    va = datasets.ImageFolder(os.path.join(c["root"], "val"), plain)
    return (DataLoader(tr, c["batch_size"], shuffle=True, drop_last=True), DataLoader(va, 2 * c["batch_size"]), len(tr.classes))


def warmup_cosine(optimizer, warmup, total):
    def scale(t):
        if t < warmup:
            return (t + 1) / warmup
        progress = (t - warmup) / max(1, total - warmup)
        return 0.5 * (1 + math.cos(math.pi * progress))
    return LambdaLR(optimizer, scale)


def train_one_epoch(model, loader, criterion, optimizer):
    model.train()
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad(set_to_none=True)
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(loader)


@torch.no_grad()
def validate(model, loader):
    model.eval()
    correct = total = 0
    for x, y in loader:
        correct += (model(x).argmax(dim=1) == y).sum().item()
        total += len(y)
    return correct / total


def main():
    cfg = load_config()
    torch.manual_seed(cfg["seed"])
    train_loader, val_loader, classes = loaders(cfg["data"])
    model = getattr(models, cfg["model"]["name"])(weights=None, num_classes=classes)
    o = cfg["optim"]
    optimizer = torch.optim.SGD(model.parameters(), lr=o["lr"], momentum=o["momentum"], weight_decay=o["weight_decay"])
    scheduler = warmup_cosine(optimizer, o["warmup_steps"], o["epochs"] * len(train_loader))
    criterion = torch.nn.CrossEntropyLoss(label_smoothing=0.1)
    for epoch in range(o["epochs"]):
        loss = train_one_epoch(model, train_loader, criterion, optimizer)
        acc = validate(model, val_loader)
        scheduler.step()
        print(f"epoch {epoch:3d}  loss {loss:.4f}  val {acc:.4f}", flush=True)
        if epoch % 10 == 9:
            torch.save({"model": model.state_dict(), "epoch": epoch}, "photos_warmup.pt")


if __name__ == "__main__":
    main()
