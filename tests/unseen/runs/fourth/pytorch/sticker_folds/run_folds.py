# Stickers, 4-fold cross validation with one-hot BCE.
# Every fold trains its own network; out-of-fold predictions give the score.
import argparse
import random
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image
from torch.utils.data import DataLoader, Dataset

ap = argparse.ArgumentParser()
ap.add_argument("--root", default="stickers")
ap.add_argument("--folds", type=int, default=4)
ap.add_argument("--epochs", type=int, default=45)
ap.add_argument("--bs", type=int, default=24)
ap.add_argument("--size", type=int, default=64)
ap.add_argument("--lr", type=float, default=1.5e-3)
ap.add_argument("--mix", type=float, default=0.4)
ap.add_argument("--smooth", type=float, default=0.05)
ap.add_argument("--seed", type=int, default=29)
args = ap.parse_args()

ROOT = Path(args.root)


def seed_all(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def make_folds(labels, k, seed):
    """Stratified fold numbers."""
    fold = np.zeros(len(labels), dtype=int)
    rs = np.random.RandomState(seed)
    for c in np.unique(labels):
        where = rs.permutation(np.flatnonzero(labels == c))
        fold[where] = np.arange(len(where)) % k
    return fold


df = pd.read_csv(ROOT / "labels.csv")
CLASSES = sorted(df.label.unique())
df["target"] = df.label.map({c: i for i, c in enumerate(CLASSES)})
df["fold"] = make_folds(df.target.values, args.folds, args.seed)
print(df.groupby(["fold", "label"]).size().unstack())


class Stickers(Dataset):
    def __init__(self, frame, train):
        self.frame = frame.reset_index(drop=True)
        self.train = train
        # raw pixels only; everything random happens in __getitem__
        self.pixels = [Image.open(ROOT / "img" / f).convert("RGB") for f in self.frame.file]
        self.eye = np.eye(len(CLASSES), dtype=np.float32)

    def __len__(self):
        return len(self.frame)

    def __getitem__(self, i):
        img = self.pixels[i]
        if self.train:
            w, h = img.size
            angle = random.uniform(-15, 15)
            img = img.rotate(angle, resample=Image.BILINEAR, fillcolor=(255, 255, 255))
            s = random.uniform(0.75, 1.0)
            cw, ch = int(w * s), int(h * s)
            x0, y0 = random.randint(0, w - cw), random.randint(0, h - ch)
            img = img.resize((args.size, args.size), Image.BILINEAR, box=(x0, y0, x0 + cw, y0 + ch))
            if random.random() < 0.5:
                img = img.transpose(Image.FLIP_LEFT_RIGHT)
        else:
            img = img.resize((args.size, args.size), Image.BILINEAR)
        x = np.asarray(img, dtype=np.float32) / 127.5 - 1.0
        return torch.from_numpy(x.transpose(2, 0, 1).copy()), torch.from_numpy(self.eye[self.frame.target[i]])


class Residual(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.a = nn.Conv2d(c, c, 3, padding=1, bias=False)
        self.na = nn.BatchNorm2d(c)
        self.b = nn.Conv2d(c, c, 3, padding=1, bias=False)
        self.nb = nn.BatchNorm2d(c)

    def forward(self, x):
        return F.relu(x + self.nb(self.b(F.relu(self.na(self.a(x))))))


class StickerNet(nn.Module):
    def __init__(self, n, widths=(24, 48, 96)):
        super().__init__()
        layers, last = [], 3
        for w in widths:
            layers += [nn.Conv2d(last, w, 3, 2, 1, bias=False), nn.BatchNorm2d(w), nn.ReLU(), Residual(w)]
            last = w
        self.features = nn.Sequential(*layers)
        self.dropout = nn.Dropout(0.3)
        self.out = nn.Linear(last * 2, n)

    def forward(self, x):
        f = self.features(x)
        f = torch.cat([f.mean((2, 3)), f.amax((2, 3))], 1)
        return self.out(self.dropout(f))


def bce(logits, target):
    # summed over the classes, averaged over the images
    return F.binary_cross_entropy_with_logits(logits, target, reduction="sum") / logits.shape[0]


def mixup(x, t):
    lam = np.random.beta(args.mix, args.mix)
    perm = torch.randperm(len(x))
    return lam * x + (1 - lam) * x[perm], lam * t + (1 - lam) * t[perm]


def fit_fold(fold):
    seed_all(args.seed + fold)
    tr, va = df[df.fold != fold], df[df.fold == fold]
    train_loader = DataLoader(Stickers(tr, True), batch_size=args.bs, shuffle=True, drop_last=True)
    valid_loader = DataLoader(Stickers(va, False), batch_size=2 * args.bs)
    net = StickerNet(len(CLASSES))
    # a neutral start for BCE: the bias is the log odds of one class in n
    nn.init.normal_(net.out.weight, std=0.01)
    nn.init.constant_(net.out.bias, -float(np.log(len(CLASSES) - 1)))
    opt = torch.optim.AdamW(net.parameters(), lr=args.lr, weight_decay=0.02)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, args.lr, total_steps=args.epochs * len(train_loader), pct_start=0.15)

    best, best_prob = -1.0, None
    for epoch in range(args.epochs):
        net.train()
        running = []
        for x, t in train_loader:
            soft = t * (1 - args.smooth) + args.smooth / len(CLASSES)
            if np.random.rand() < 0.5:
                x, soft = mixup(x, soft)
            loss = bce(net(x), soft)
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            running.append(loss.item())

        net.eval()
        probs, vloss = [], 0.0
        with torch.no_grad():
            for x, t in valid_loader:
                z = net(x)
                vloss += bce(z, t).item() * len(x)
                probs.append(z.sigmoid().numpy())
        probs = np.concatenate(probs)
        acc = float((probs.argmax(1) == va.target.values).mean())
        print(f"fold {fold} epoch {epoch:02d} train {np.mean(running):.4f} valid {vloss / len(va):.4f} acc {acc:.4f}", flush=True)
        if acc >= best:
            best, best_prob = acc, probs
            torch.save(net.state_dict(), f"sticker_fold{fold}.pt")
    return va.index.values, best_prob


oof = np.zeros((len(df), len(CLASSES)), dtype=np.float32)
for fold in range(args.folds):
    index, prob = fit_fold(fold)
    oof[index] = prob
print("out of fold accuracy", float((oof.argmax(1) == df.target.values).mean()))
