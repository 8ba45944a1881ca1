import argparse
import random

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader

from data import FlatImages


def set_seed(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


class DepthwiseNet(nn.Module):
    def __init__(self, classes, width=48):
        super().__init__()
        layers = [nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
        cin = width
        for cout, stride in ((width, 2), (2 * width, 1), (2 * width, 2), (4 * width, 1), (4 * width, 2)):
            layers += [nn.Conv2d(cin, cin, 3, stride, 1, groups=cin, bias=False),
                       nn.BatchNorm2d(cin), nn.ReLU(inplace=True),
                       nn.Conv2d(cin, cout, 1, bias=False), nn.BatchNorm2d(cout), nn.ReLU(inplace=True)]
            cin = cout
        self.features = nn.Sequential(*layers)
        self.head = nn.Linear(cin, classes)

    def forward(self, x):
        return self.head(self.features(x).mean((2, 3)))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--root", default="flat")
    ap.add_argument("--epochs", type=int, default=120)
    ap.add_argument("--batch", type=int, default=40)
    ap.add_argument("--lr", type=float, default=2e-3)
    ap.add_argument("--workers", type=int, default=2)
    ap.add_argument("--seed", type=int, default=42)
    args = ap.parse_args()
    set_seed(args.seed)

    train_set = FlatImages(args.root, "train.csv", train=True)
    valid_set = FlatImages(args.root, "valid.csv", classes=train_set.classes)
    train_loader = DataLoader(train_set, args.batch, shuffle=True, num_workers=args.workers, drop_last=True,
                              worker_init_fn=lambda worker: set_seed(args.seed))
    valid_loader = DataLoader(valid_set, 65, num_workers=0)

    model = DepthwiseNet(len(train_set.classes))
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.01)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs)
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(args.epochs):
        model.train()
        losses = []
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        scheduler.step()
        model.eval()
        hits = 0
        with torch.no_grad():
            for x, y in valid_loader:
                hits += (model(x).argmax(1) == y).sum().item()
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}, valid {hits / len(valid_set):.4f}")


if __name__ == "__main__":
    main()
