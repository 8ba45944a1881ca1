"""Small residual network on class folders.

usage: train.py DATA [--no-shuffle] [--epochs N] ...
"""
import argparse
import pathlib

import torch
import torch.nn as nn
import torchvision.transforms as T
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from tqdm import tqdm


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("data", type=pathlib.Path)
    p.add_argument("--no-shuffle", action="store_false", help="read the files in order (for debugging)")
    p.add_argument("--epochs", type=int, default=60)
    p.add_argument("--batch-size", type=int, default=64)
    p.add_argument("--learning-rate", type=float, default=1e-3)
    p.add_argument("--size", type=int, default=96)
    p.add_argument("--workers", type=int, default=2)
    return p.parse_args()


class Unit(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.main = nn.Sequential(nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU(),
                                  nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o))
        self.side = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o)) if stride > 1 or i != o else nn.Identity()

    def forward(self, x):
        return torch.relu(self.main(x) + self.side(x))


class SmallResNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 5, 2, 2, bias=False), nn.BatchNorm2d(32), nn.ReLU())
        self.units = nn.Sequential(Unit(32, 32, 1), Unit(32, 64, 2), Unit(64, 128, 2), Unit(128, 256, 2))
        self.head = nn.Linear(256, classes)

    def forward(self, x):
        return self.head(self.units(self.stem(x)).mean((-2, -1)))


def loader(args, part):
    train = part == "train"
    norm = T.Normalize([0.491, 0.484, 0.446], [0.240, 0.239, 0.258])
    if train:
        tf = T.Compose([T.RandomResizedCrop(args.size, scale=(0.5, 1.0)), T.RandomHorizontalFlip(), T.ToTensor(), norm])
    else:
        tf = T.Compose([T.Resize(args.size + 12), T.CenterCrop(args.size), T.ToTensor(), norm])
    data = ImageFolder(args.data / part, tf)
    return DataLoader(data, args.batch_size, shuffle=train and not args.no_shuffle, num_workers=args.workers)


def main():
    args = arguments()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train, val = loader(args, "train"), loader(args, "val")
    net = SmallResNet(len(train.dataset.classes)).to(device)
    opt = torch.optim.AdamW(net.parameters(), lr=args.learning_rate, weight_decay=0.05)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, args.epochs)
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(args.epochs):
        net.train()
        bar = tqdm(train, desc=f"{epoch + 1}/{args.epochs}", leave=False)
        for x, y in bar:
            loss = loss_fn(net(x.to(device)), y.to(device))
            opt.zero_grad()
            loss.backward()
            opt.step()
            bar.set_postfix(loss=f"{loss.item():.3f}")
        sched.step()
        net.eval()
        hit = 0
        with torch.inference_mode():
            for x, y in val:
                hit += (net(x.to(device)).argmax(1).cpu() == y).sum().item()
        print(f"epoch {epoch + 1}: {100 * hit / len(val.dataset):.2f}%")
    torch.save(net.state_dict(), "photos_flags.pt")


if __name__ == "__main__":
    main()
