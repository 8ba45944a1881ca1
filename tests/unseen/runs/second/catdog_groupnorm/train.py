import argparse
import glob
import os
import re

import torch
import torch.nn as nn
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from nets import build_net, groupnorm_version

CLASSES = ("cat", "dog")


class CatDog(Dataset):
    def __init__(self, files, tf):
        self.files, self.tf = files, tf

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        f = self.files[i]
        label = CLASSES.index(os.path.basename(f).split(".")[0])
        return self.tf(Image.open(f).convert("RGB")), label


def split(folder):
    # every fifth picture of each class is kept for validation
    train, val = [], []
    for f in sorted(glob.glob(os.path.join(folder, "*.jpg"))):
        number = int(re.search(r"\.(\d+)\.jpg$", f).group(1))
        (val if number % 5 == 0 else train).append(f)
    return train, val


class Experiment:
    def __init__(self, args):
        self.args = args
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.setup_data()
        self.net = build_net(len(CLASSES)).to(self.device)
        self.setup_optim()
        if args.norm == "group":
            self.net = groupnorm_version(self.net).to(self.device)
        n = sum(p.numel() for p in self.net.parameters())
        print(f"{n / 1e6:.1f} M parameters, {args.norm} norm")

    def setup_data(self):
        a = self.args
        norm = transforms.Normalize([0.5] * 3, [0.25] * 3)
        tf_train = transforms.Compose([
            transforms.Resize(144), transforms.RandomCrop(128), transforms.RandomHorizontalFlip(),
            transforms.RandAugment(2, 7), transforms.ToTensor(), norm])
        tf_val = transforms.Compose([
            transforms.Resize(144), transforms.CenterCrop(128), transforms.ToTensor(), norm])
        train, val = split(a.data)
        self.train_loader = DataLoader(CatDog(train, tf_train), a.bs, shuffle=True, drop_last=True)
        self.val_loader = DataLoader(CatDog(val, tf_val), a.bs)

    def setup_optim(self):
        decay = [p for p in self.net.parameters() if p.ndim > 1]
        no_decay = [p for p in self.net.parameters() if p.ndim <= 1]
        self.opt = torch.optim.AdamW([
            {"params": decay, "weight_decay": 0.05},
            {"params": no_decay, "weight_decay": 0.0},
        ], lr=self.args.lr)
        warm = torch.optim.lr_scheduler.LinearLR(self.opt, 0.1, total_iters=5)
        cos = torch.optim.lr_scheduler.CosineAnnealingLR(self.opt, self.args.epochs - 5)
        self.sched = torch.optim.lr_scheduler.SequentialLR(self.opt, [warm, cos], [5])
        self.loss_fn = nn.CrossEntropyLoss(label_smoothing=0.1)

    def fit(self):
        for epoch in range(self.args.epochs):
            self.net.train()
            total = 0.0
            for x, y in self.train_loader:
                x, y = x.to(self.device), y.to(self.device)
                self.opt.zero_grad(set_to_none=True)
                loss = self.loss_fn(self.net(x), y)
                loss.backward()
                self.opt.step()
                total += loss.item()
            self.sched.step()
            print(f"epoch {epoch + 1:3d}  loss {total / len(self.train_loader):.4f}  "
                  f"val acc {self.accuracy():.4f}")
            torch.save(self.net.state_dict(), "catdog_last.pt")

    def accuracy(self):
        self.net.eval()
        good = n = 0
        with torch.inference_mode():
            for x, y in self.val_loader:
                good += (self.net(x.to(self.device)).argmax(-1).cpu() == y).sum().item()
                n += len(y)
        return good / n


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("data", nargs="?", default="catsdogs/train")
    ap.add_argument("--norm", choices=("batch", "group"), default="batch")
    ap.add_argument("--bs", type=int, default=32)
    ap.add_argument("--lr", type=float, default=5e-4)
    ap.add_argument("--epochs", type=int, default=80)
    args = ap.parse_args()
    torch.manual_seed(0)
    Experiment(args).fit()
