# Einteilung in Training/Validierung mit zwei Sichten auf denselben Ordner
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Sampler, Subset
from torchvision import datasets, transforms as T

ORDNER = "photos/train"
GROESSE, STAPEL, EPOCHEN = 96, 32, 60
norm = T.Normalize([0.491, 0.484, 0.446], [0.240, 0.239, 0.258])
mit = T.Compose([T.RandomResizedCrop(GROESSE, scale=(0.4, 1.0)), T.RandomHorizontalFlip(), T.ToTensor(), norm])
ohne = T.Compose([T.Resize(GROESSE + 12), T.CenterCrop(GROESSE), T.ToTensor(), norm])


def teile(ziele, anteil, seed):
    """von jeder Klasse derselbe Anteil"""
    wuerfel = random.Random(seed)
    train, val = [], []
    for k in sorted(set(ziele)):
        idx = [i for i, z in enumerate(ziele) if z == k]
        wuerfel.shuffle(idx)
        n = int(len(idx) * anteil)
        val += idx[:n]
        train += idx[n:]
    return train, val


class Gemischt(Sampler):
    """jede Epoche eine neue Reihenfolge (statt shuffle=True, damit sie vom Epochenzähler abhängt)"""

    def __init__(self, n, seed=0):
        self.n, self.seed, self.epoche = n, seed, 0

    def __iter__(self):
        g = torch.Generator().manual_seed(self.seed + self.epoche)
        self.epoche += 1
        return iter(torch.randperm(self.n, generator=g).tolist())

    def __len__(self):
        return self.n


basis = datasets.ImageFolder(ORDNER)
train_idx, val_idx = teile(basis.targets, 0.15, seed=4)
train_set = Subset(datasets.ImageFolder(ORDNER, mit), train_idx)
val_set = Subset(datasets.ImageFolder(ORDNER, ohne), val_idx)
train_loader = DataLoader(train_set, STAPEL, sampler=Gemischt(len(train_set)), num_workers=2, drop_last=True)
val_loader = DataLoader(val_set, STAPEL, shuffle=False, num_workers=2)


class Netz(nn.Module):
    def __init__(self, n):
        super().__init__()
        def stufe(i, o):
            return nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(), nn.MaxPool2d(2))
        self.stufen = nn.Sequential(stufe(3, 32), stufe(32, 64), stufe(64, 128), stufe(128, 256))
        self.aus = nn.Linear(256, n)

    def forward(self, x, merkmale=False):
        f = self.stufen(x).mean((2, 3))
        z = self.aus(f)
        return (z, f) if merkmale else z


device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
netz = Netz(len(basis.classes)).to(device)
opt = torch.optim.Adam(netz.parameters(), lr=1e-3, weight_decay=1e-4)
plan = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHEN)
verlust_fn = nn.CrossEntropyLoss()
for epoche in range(EPOCHEN):
    netz.train()
    summe = 0.0
    for x, y in train_loader:
        z, f = netz(x.to(device), merkmale=True)
        verlust = verlust_fn(z, y.to(device)) + 1e-4 * f.pow(2).mean()
        opt.zero_grad()
        verlust.backward()
        opt.step()
        summe += verlust.item()
    plan.step()
    netz.eval()
    treffer = 0
    with torch.no_grad():
        for x, y in val_loader:
            treffer += (netz(x.to(device)).argmax(1).cpu() == y).sum().item()
    print(f"{epoche + 1:3d}  {summe / len(train_loader):.4f}  {treffer / len(val_set):.4f}")
