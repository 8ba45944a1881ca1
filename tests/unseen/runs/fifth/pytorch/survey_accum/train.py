import argparse
import json

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import models
from torchvision.io import decode_image, ImageReadMode
from torchvision.transforms import v2


class Survey(torch.utils.data.Dataset):
    def __init__(self, root, split, transform):
        meta = json.load(open(f"{root}/annotations.json"))
        self.classes = meta["classes"]
        self.items = [(f"{root}/pics/{r['file']}", self.classes.index(r["class"])) for r in meta["items"] if r["split"] == split]
        self.transform = transform

    def __getitem__(self, i):
        path, label = self.items[i]
        return self.transform(decode_image(path, mode=ImageReadMode.RGB)), label

    def __len__(self):
        return len(self.items)


def get_args():
    p = argparse.ArgumentParser()
    p.add_argument("--root", default="survey")
    p.add_argument("--epochs", type=int, default=80)
    p.add_argument("--batch-size", type=int, default=16)
    p.add_argument("--effective-batch", type=int, default=512)
    p.add_argument("--lr", type=float, default=0.001)
    return p.parse_args()


def train_epoch(model, loader, optimizer, criterion, accumulate):
    model.train()
    optimizer.zero_grad()
    running = 0.0
    for i, (x, y) in enumerate(loader, start=1):
        loss = criterion(model(x), y)
        (loss / accumulate).backward()
        if i % accumulate == 0:
            optimizer.step()
            optimizer.zero_grad()
        running += loss.item()
    return running / len(loader)


def evaluate(model, loader):
    model.eval()
    n = ok = 0
    with torch.no_grad():
        for x, y in loader:
            ok += (model(x).argmax(1) == y).sum().item()
            n += len(y)
    return ok / n


def main():
    args = get_args()
    torch.manual_seed(77)
    base = [v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
    train_set = Survey(args.root, "train", v2.Compose([v2.RandomHorizontalFlip(), v2.RandomResizedCrop(56, scale=(0.6, 1)), *base]))
    val_set = Survey(args.root, "val", v2.Compose(base))
    train_loader = DataLoader(train_set, args.batch_size, shuffle=True, drop_last=True)
    val_loader = DataLoader(val_set, 60)
    accumulate = args.effective_batch // args.batch_size

    model = models.squeezenet1_1(weights=None, num_classes=len(train_set.classes))
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=1e-2)
    criterion = nn.CrossEntropyLoss()
    print(f"{len(train_loader)} batches, accumulation over {accumulate}")
    for epoch in range(args.epochs):
        loss = train_epoch(model, train_loader, optimizer, criterion, accumulate)
        print(f"epoch {epoch} loss {loss:.4f} val acc {evaluate(model, val_loader):.4f}", flush=True)


if __name__ == "__main__":
    main()
