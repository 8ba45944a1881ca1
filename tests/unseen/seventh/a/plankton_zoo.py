#!/usr/bin/env python
"""Classify plankton ROIs from the imaging flow cytometer.

usage: python plankton_zoo.py /data/ifcb_2022 --epochs 30

The data directory holds `rois/` (one png for each particle) and `taxa.csv`
(roi_file, taxon), as exported by the annotation tool.
"""
import argparse
import glob
import os
import random

import numpy as np
import pandas as pd
import torch
from PIL import Image
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import models, transforms

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class RoiSet(Dataset):
    def __init__(self, pics, targets, tf):
        self.pics, self.targets, self.tf = pics, targets, tf

    def __len__(self):
        return len(self.pics)

    def __getitem__(self, i):
        with Image.open(self.pics[i]) as im:
            im = im.convert("RGB")
        return self.tf(im), int(self.targets[i])


def read_export(root):
    table = pd.read_csv(os.path.join(root, "taxa.csv")).sort_values("roi_file")
    taxa = sorted(table["taxon"].unique())
    number = {t: k for k, t in enumerate(taxa)}
    targets = table["taxon"].map(number).to_numpy()

    pics = glob.glob(os.path.join(root, "rois", "*.png"))  # fault: C329
    if len(pics) != len(targets):
        raise SystemExit("%d pictures but %d rows" % (len(pics), len(targets)))
    return np.array(pics), targets, taxa


def get_transforms(size):
    tail = [transforms.ToTensor(), transforms.Normalize(IMAGENET_MEAN, IMAGENET_STD)]
    train = transforms.Compose([
        transforms.Resize((size, size)),
        transforms.RandomHorizontalFlip(),
        transforms.RandomVerticalFlip(),
        transforms.RandomRotation(180, fill=230),
    ] + tail)
    valid = transforms.Compose([transforms.Resize((size, size))] + tail)
    return train, valid


def one_epoch(net, loader, crit, opt, dev):
    net.train()
    seen, total = 0, 0.0
    for x, y in loader:
        x, y = x.to(dev, non_blocking=True), y.to(dev, non_blocking=True)
        opt.zero_grad(set_to_none=True)
        loss = crit(net(x), y)
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
        seen += len(y)
    return total / seen


@torch.no_grad()
def predict(net, loader, dev):
    net.eval()
    truth, guess = [], []
    for x, y in loader:
        guess.append(net(x.to(dev)).argmax(1).cpu())
        truth.append(y)
    return torch.cat(truth).numpy(), torch.cat(guess).numpy()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("root")
    ap.add_argument("--epochs", type=int, default=30)
    ap.add_argument("--batch", type=int, default=64)
    ap.add_argument("--lr", type=float, default=0.01)
    ap.add_argument("--size", type=int, default=224)
    ap.add_argument("--seed", type=int, default=11)
    ap.add_argument("--out", default="plankton.pt")
    a = ap.parse_args()

    random.seed(a.seed)
    np.random.seed(a.seed)
    torch.manual_seed(a.seed)
    dev = "cuda" if torch.cuda.is_available() else "cpu"

    pics, targets, taxa = read_export(a.root)
    tr, va = train_test_split(np.arange(len(pics)), test_size=0.2,
                              stratify=targets, random_state=a.seed)
    tf_train, tf_valid = get_transforms(a.size)
    train_dl = DataLoader(RoiSet(pics[tr], targets[tr], tf_train), a.batch, shuffle=True,
                          num_workers=6, pin_memory=True, drop_last=True)
    valid_dl = DataLoader(RoiSet(pics[va], targets[va], tf_valid), a.batch, num_workers=6)

    net = models.regnet_y_400mf(weights="IMAGENET1K_V2")
    net.fc = nn.Linear(net.fc.in_features, len(taxa))
    net.to(dev)

    crit = nn.CrossEntropyLoss(label_smoothing=0.1)
    opt = torch.optim.SGD(net.parameters(), lr=a.lr, momentum=0.9, weight_decay=1e-4, nesterov=True)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=a.epochs)

    best = -1.0
    for ep in range(a.epochs):
        loss = one_epoch(net, train_dl, crit, opt, dev)
        sched.step()
        bal = balanced_accuracy_score(*predict(net, valid_dl, dev))
        print("epoch %02d  loss %.4f  valid balanced acc %.4f" % (ep, loss, bal))
        if bal > best:
            best = bal
            torch.save({"net": net.state_dict(), "taxa": taxa}, a.out)


if __name__ == "__main__":
    main()
