"""Galaxy10 DECaLS morphology classifier, trained from scratch.

    python galaxy10.py --h5 Galaxy10_DECals.h5 --epochs 60
"""
import argparse
import json
import time
from pathlib import Path

import h5py
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset, random_split
from torchvision import transforms


class H5Galaxies(Dataset):
    """uint8 images of 256x256x3, opened lazily so that every worker has its own handle."""

    def __init__(self, file, transform):
        self.file = str(file)
        self.transform = transform
        self._images = None
        with h5py.File(self.file, "r") as h:
            self.answers = np.asarray(h["ans"], dtype=np.int64)

    def __len__(self):
        return self.answers.shape[0]

    def __getitem__(self, index):
        if self._images is None:
            self._images = h5py.File(self.file, "r")["images"]
        return self.transform(self._images[index]), int(self.answers[index])


def conv_unit(cin, cout, stride=1):
    return nn.Sequential(
        nn.Conv2d(cin, cout, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(cout),
        nn.ReLU(inplace=True),
    )


class SpiralNet(nn.Module):
    def __init__(self, width=48, n_out=10):
        super().__init__()
        w = width
        self.stages = nn.Sequential(
            conv_unit(3, w, 2), conv_unit(w, w),
            conv_unit(w, 2 * w, 2), conv_unit(2 * w, 2 * w),
            conv_unit(2 * w, 4 * w, 2), conv_unit(4 * w, 4 * w),
            conv_unit(4 * w, 6 * w, 2), conv_unit(6 * w, 6 * w),
        )
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(6 * w, n_out)

    def forward(self, x):
        x = self.stages(x)
        x = F.adaptive_avg_pool2d(x, 1).flatten(1)
        return self.out(self.drop(x))


def build_loaders(args):
    stats = dict(mean=[0.167, 0.162, 0.158], std=[0.129, 0.118, 0.111])
    noisy = transforms.Compose([
        transforms.ToPILImage(),
        transforms.RandomRotation(180),
        transforms.CenterCrop(180),
        transforms.Resize(128),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        transforms.Normalize(**stats),
    ])
    clean = transforms.Compose([
        transforms.ToPILImage(),
        transforms.CenterCrop(180),
        transforms.Resize(128),
        transforms.ToTensor(),
        transforms.Normalize(**stats),
    ])
    aug_set, plain_set = H5Galaxies(args.h5, noisy), H5Galaxies(args.h5, clean)
    n_val = int(len(aug_set) * args.val_share)
    sizes = [len(aug_set) - n_val, n_val]
    fit, _ = random_split(aug_set, sizes)
    _, check = random_split(plain_set, sizes)  # fault: C331
    kw = dict(num_workers=args.workers, pin_memory=True)
    return (DataLoader(fit, batch_size=args.bs, shuffle=True, drop_last=True, **kw),
            DataLoader(check, batch_size=args.bs, shuffle=False, **kw))


@torch.no_grad()
def score(net, loader, device):
    net.eval()
    right, loss, count = 0, 0.0, 0
    for x, y in loader:
        x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
        z = net(x)
        loss += F.cross_entropy(z, y, reduction="sum").item()
        right += (z.argmax(1) == y).sum().item()
        count += y.numel()
    return loss / count, right / count


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--h5", type=Path, required=True)
    ap.add_argument("--out", type=Path, default=Path("runs/galaxy"))
    ap.add_argument("--epochs", type=int, default=60)
    ap.add_argument("--bs", type=int, default=64)
    ap.add_argument("--lr", type=float, default=1e-3)
    ap.add_argument("--wd", type=float, default=1e-4)
    ap.add_argument("--val-share", type=float, default=0.15)
    ap.add_argument("--workers", type=int, default=6)
    ap.add_argument("--seed", type=int, default=7)
    args = ap.parse_args()

    torch.manual_seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    fit_loader, check_loader = build_loaders(args)
    net = SpiralNet().to(device)
    optim = torch.optim.AdamW(net.parameters(), lr=args.lr, weight_decay=args.wd)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(optim, T_max=args.epochs)

    best, history = 0.0, []
    for epoch in range(1, args.epochs + 1):
        began = time.time()
        net.train()
        for x, y in fit_loader:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            loss = F.cross_entropy(net(x), y)
            optim.zero_grad(set_to_none=True)
            loss.backward()
            optim.step()
        sched.step()
        vl, va = score(net, check_loader, device)
        history.append({"epoch": epoch, "val_loss": vl, "val_acc": va, "sec": round(time.time() - began, 1)})
        print(history[-1])
        if va > best:
            best = va
            torch.save(net.state_dict(), args.out / "best.pt")
    (args.out / "history.json").write_text(json.dumps(history, indent=1))


if __name__ == "__main__":
    main()
