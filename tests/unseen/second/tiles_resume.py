# Faulty: C324: the whole checkpoint dictionary is given to load_state_dict with strict=False, so no tensor is loaded.
"""Defects on ceramic tiles.  New product line: six defect types, starting from the network of the old line
(which had nine).  Checkpoints are those written by `keep` below."""
import argparse
from collections import deque

import torch
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder


class SE(nn.Module):
    def __init__(self, c, r=8):
        super().__init__()
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(c, c // r, 1), nn.ReLU(), nn.Conv2d(c // r, c, 1), nn.Sigmoid()
        )

    def forward(self, x):
        return x * self.gate(x)


class Stage(nn.Sequential):
    def __init__(self, cin, cout):
        super().__init__(
            nn.Conv2d(cin, cout, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(cout),
            nn.SiLU(),
            nn.Conv2d(cout, cout, 3, padding=1, bias=False),
            nn.BatchNorm2d(cout),
            nn.SiLU(),
            SE(cout),
        )


class TileNet(nn.Module):
    def __init__(self, defects):
        super().__init__()
        self.features = nn.Sequential(Stage(3, 32), Stage(32, 64), Stage(64, 128), Stage(128, 256), Stage(256, 320))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.new_head = nn.Linear(320, defects)

    def forward(self, x):
        return self.new_head(self.pool(self.features(x)).flatten(1))


def keep(net, epoch, score, path):
    torch.save({"epoch": epoch, "score": score, "net": net.state_dict()}, path)


def start_from(net, path):
    # the old head has another name and is left aside
    old = torch.load(path, map_location="cpu")
    net.load_state_dict(old, strict=False)  # fault: C339
    print("started from", path)
    return net


def evaluate(net, loader, dev):
    net.eval()
    ok = 0
    with torch.no_grad():
        for x, y in loader:
            ok += (net(x.to(dev)).argmax(1) == y.to(dev)).sum().item()
    return ok / len(loader.dataset)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--init", default="old_line/tilenet.pt")
    ap.add_argument("--data", default="tiles")
    ap.add_argument("--rate", default=5e-4, type=float)
    ap.add_argument("--batch", default=48, type=int)
    ap.add_argument("--max-epochs", default=40, type=int)
    ap.add_argument("--patience", default=8, type=int)
    a = ap.parse_args()

    torch.manual_seed(90)
    dev = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    post = [transforms.ToTensor(), transforms.Normalize([0.61, 0.58, 0.55], [0.14, 0.14, 0.15])]
    size = transforms.Resize((192, 192))
    tr = ImageFolder(
        a.data + "/train",
        transforms.Compose([size, transforms.RandomHorizontalFlip(), transforms.RandomVerticalFlip(), *post]),
    )
    va = ImageFolder(a.data + "/val", transforms.Compose([size, *post]))
    train_dl = DataLoader(tr, a.batch, shuffle=True, drop_last=True, num_workers=4)
    val_dl = DataLoader(va, 128, num_workers=4)

    net = start_from(TileNet(defects=6), a.init).to(dev)
    rms = optim.RMSprop(net.parameters(), lr=a.rate, alpha=0.95, weight_decay=1e-5)
    plateau = optim.lr_scheduler.ReduceLROnPlateau(rms, mode="max", patience=3, factor=0.5)
    ce = nn.CrossEntropyLoss()

    best, recent = 0.0, deque(maxlen=a.patience)
    for epoch in range(a.max_epochs):
        net.train()
        for x, y in train_dl:
            rms.zero_grad()
            loss = ce(net(x.to(dev)), y.to(dev))
            loss.backward()
            rms.step()
        acc = evaluate(net, val_dl, dev)
        plateau.step(acc)
        print(epoch, round(acc, 4))
        recent.append(acc > best)
        if acc > best:
            best = acc
            keep(net, epoch, acc, "tilenet_new.pt")
        if len(recent) == a.patience and not any(recent):
            break


if __name__ == "__main__":
    main()
