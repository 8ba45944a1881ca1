import argparse

import timm
import torch
from torch import nn
from torch.utils.data import DataLoader, random_split
from torchvision import transforms as T
from torchvision.datasets import ImageFolder


class CachedFolder(ImageFolder):
    """Keeps decoded pictures in memory, reading from disk was the bottleneck."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._cache = {}

    def __getitem__(self, index):
        if index not in self._cache:
            self._cache[index] = super().__getitem__(index)
        return self._cache[index]


def build_sets(root, size, share, seed):
    norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    strong = T.Compose([T.RandomResizedCrop(size, scale=(0.5, 1.0)), T.RandomHorizontalFlip(),
                        T.RandAugment(2, 7), T.ToTensor(), norm, T.RandomErasing(0.25)])
    plain = T.Compose([T.Resize(size), T.CenterCrop(size), T.ToTensor(), norm])
    augmented, clean = CachedFolder(root, strong), CachedFolder(root, plain)
    n_val = int(len(clean) * share)
    lengths = [len(clean) - n_val, n_val]
    train, _ = random_split(augmented, lengths, torch.Generator().manual_seed(seed))
    _, val = random_split(clean, lengths, torch.Generator().manual_seed(seed))
    return train, val, clean.classes


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--root", default="gallery")
    ap.add_argument("--arch", default="mobilenetv3_small_050")
    ap.add_argument("--size", type=int, default=64)
    ap.add_argument("--epochs", type=int, default=100)
    ap.add_argument("--lr", type=float, default=2e-3)
    args = ap.parse_args()

    torch.manual_seed(9)
    train_set, val_set, classes = build_sets(args.root, args.size, 0.2, 9)
    train_loader = DataLoader(train_set, batch_size=32, shuffle=True, drop_last=True)
    val_loader = DataLoader(val_set, batch_size=80)
    model = timm.create_model(args.arch, pretrained=False, num_classes=len(classes), drop_rate=0.1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.02)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)

    for epoch in range(args.epochs):
        model.train()
        total = n = 0
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * y.numel()
            n += y.numel()
        scheduler.step()
        model.eval()
        with torch.no_grad():
            correct = sum((model(x).argmax(1) == y).sum().item() for x, y in val_loader)
        print(f"epoch {epoch:3d} train loss {total / n:.4f} val acc {correct / len(val_set):.4f}", flush=True)


if __name__ == "__main__":
    main()
