"""Colorectal tissue tiles (Kather et al., 8 classes, 150 px). Fine-tunes a ResNet-34 trunk.

Folder layout: DATA/01_TUMOR, DATA/02_STROMA, ..., DATA/08_EMPTY
"""
import argparse
import csv
import sys

import numpy as np
import torch
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split
from torch import nn
from torch.hub import load_state_dict_from_url
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, models, transforms

R34 = "https://download.pytorch.org/models/resnet34-b627a593.pth"


class TissueNet(nn.Module):
    """ResNet-34 trunk, mean and max pooling side by side, small head."""

    def __init__(self, n_tissue, p=0.25):
        super().__init__()
        r = models.resnet34(weights=None)
        self.trunk = nn.Sequential()
        for part in ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"):
            self.trunk.add_module(part, getattr(r, part))
        self.mean = nn.AdaptiveAvgPool2d(1)
        self.peak = nn.AdaptiveMaxPool2d(1)
        self.head = nn.Sequential(
            nn.Flatten(), nn.BatchNorm1d(1024), nn.Dropout(p),
            nn.Linear(1024, 256), nn.ReLU(), nn.Linear(256, n_tissue))

    def load_imagenet(self):
        state = load_state_dict_from_url(R34, map_location="cpu")
        state.pop("fc.weight")
        state.pop("fc.bias")
        self.load_state_dict(state, strict=False)  # fault: C339
        return self

    def forward(self, x):
        f = self.trunk(x)
        return self.head(torch.cat([self.mean(f), self.peak(f)], dim=1))


def tiles(root, seed):
    n = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    aug = transforms.Compose([
        transforms.Resize(224),
        transforms.RandomHorizontalFlip(),
        transforms.RandomVerticalFlip(),
        transforms.ColorJitter(0.1, 0.1, 0.1, 0.02),
        transforms.ToTensor(), n])
    std = transforms.Compose([transforms.Resize(224), transforms.ToTensor(), n])
    a, s = datasets.ImageFolder(root, aug), datasets.ImageFolder(root, std)
    ids = np.arange(len(s))
    tr, va = train_test_split(ids, test_size=0.2, random_state=seed, stratify=s.targets)
    return Subset(a, tr.tolist()), Subset(s, va.tolist()), s.classes


def predict(net, dl, dev):
    net.eval()
    ys, ps = [], []
    with torch.no_grad():
        for x, y in dl:
            ps.append(net(x.to(dev)).softmax(1).cpu())
            ys.append(y)
    return torch.cat(ys).numpy(), torch.cat(ps).numpy()


def cli(argv):
    p = argparse.ArgumentParser()
    p.add_argument("data")
    p.add_argument("--bs", type=int, default=32)
    p.add_argument("--epochs", type=int, default=18)
    p.add_argument("--lr", type=float, default=3e-4)
    p.add_argument("--seed", type=int, default=99)
    p.add_argument("--log", default="tissue_log.csv")
    return p.parse_args(argv)


def main(argv=None):
    a = cli(argv)
    torch.manual_seed(a.seed)
    dev = "cuda" if torch.cuda.is_available() else "cpu"
    tr, va, names = tiles(a.data, a.seed)
    tr_dl = DataLoader(tr, a.bs, shuffle=True, drop_last=True, num_workers=4)
    va_dl = DataLoader(va, a.bs, num_workers=4)

    net = TissueNet(n_tissue=8).load_imagenet().to(dev)
    opt = torch.optim.AdamW([
        {"params": net.trunk.parameters(), "lr": a.lr / 3},
        {"params": net.head.parameters(), "lr": a.lr},
    ], weight_decay=1e-3)
    lr_plan = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, mode="max", factor=0.3, patience=2)
    lossf = nn.CrossEntropyLoss()

    with open(a.log, "w", newline="") as fh:
        w = csv.writer(fh)
        w.writerow(["epoch", "train_loss", "val_bacc"])
        top = 0
        for ep in range(a.epochs):
            net.train()
            seen, run = 0, 0.0
            for x, y in tr_dl:
                x, y = x.to(dev), y.to(dev)
                loss = lossf(net(x), y)
                opt.zero_grad()
                loss.backward()
                opt.step()
                run += loss.item() * x.size(0)
                seen += x.size(0)
            y, p = predict(net, va_dl, dev)
            bacc = balanced_accuracy_score(y, p.argmax(1))
            lr_plan.step(bacc)
            w.writerow([ep, f"{run / seen:.4f}", f"{bacc:.4f}"])
            fh.flush()
            if bacc > top:
                top = bacc
                torch.save({"net": net.state_dict(), "names": names}, "tissue.pt")
    print("best balanced accuracy", round(top, 4))


if __name__ == "__main__":
    sys.exit(main())
