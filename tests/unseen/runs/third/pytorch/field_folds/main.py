"""Five-fold cross-validation on the field pictures.

    python main.py --epochs 20 --folds 0 1 2 3 4
"""
import argparse
import json
import math
import random
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision.models import resnet18

import augment as A

try:
    import cv2
except ImportError:
    cv2 = None


def read_rgb(path):
    if cv2 is not None:
        return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    with Image.open(path) as f:
        return np.asarray(f.convert("RGB"))


class Field(Dataset):
    def __init__(self, frame, folder, classes, transforms):
        self.frame = frame.reset_index(drop=True)
        self.folder = Path(folder)
        self.codes = self.frame["kind"].map({c: i for i, c in enumerate(classes)}).to_numpy()
        self.transforms = transforms

    def __len__(self):
        return len(self.frame)

    def __getitem__(self, i):
        img = read_rgb(self.folder / self.frame.at[i, "image_id"])
        return self.transforms(image=img)["image"], torch.tensor(self.codes[i], dtype=torch.long)


def pipelines(size):
    norm = A.Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
    train = A.Chain([A.Resize(size), A.HorizontalFlip(p=0.5), A.ShiftScaleRotate(p=0.6), A.RandomGamma(p=0.4),
                     A.CoarseDropout(p=0.3), norm, A.ToTensor()])
    valid = A.Chain([A.Resize(size), norm, A.ToTensor()])
    return train, valid


def add_folds(frame, k, seed):
    """Stratified: the pictures of every kind are dealt out to the folds in turn."""
    frame = frame.sample(frac=1.0, random_state=seed).reset_index(drop=True)
    frame["fold"] = frame.groupby("kind").cumcount() % k
    return frame


def make_net(classes):
    net = resnet18(weights=None, num_classes=classes)
    for m in net.modules():  # no effect of the residual branches at first
        if hasattr(m, "bn2") and isinstance(m.bn2, nn.BatchNorm2d):
            nn.init.zeros_(m.bn2.weight)
    return net


def train_epoch(net, loader, opt, sched, loss_fn, device, accum, tag):
    net.train()
    n_batches = len(loader)
    leftover = n_batches % accum
    loss_sum = seen = 0
    opt.zero_grad()
    for i, (x, y) in enumerate(loader):
        x, y = x.to(device), y.to(device)
        loss = loss_fn(net(x), y)
        # the last group of an epoch may be shorter
        group = leftover if leftover and i >= n_batches - leftover else accum
        (loss / group).backward()
        loss_sum += loss.item() * len(y)
        seen += len(y)
        if (i + 1) % accum == 0 or i + 1 == n_batches:
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            opt.step()
            sched.step()
            opt.zero_grad()
        if i % 10 == 0:
            print(f"   {tag} {i}/{n_batches} loss {loss.item():.3f}", flush=True)
    return loss_sum / seen


@torch.no_grad()
def predict(net, loader, device):
    net.eval()
    logits, truth = [], []
    for x, y in loader:
        logits.append(net(x.to(device)).float().cpu())
        truth.append(y)
    return torch.cat(logits), torch.cat(truth)


def run_fold(fold, frame, classes, args, device):
    torch.manual_seed(100 + fold)
    train_tf, valid_tf = pipelines(args.size)
    folder = args.root / "images"
    train_set = Field(frame[frame.fold != fold], folder, classes, train_tf)
    valid_set = Field(frame[frame.fold == fold], folder, classes, valid_tf)
    train_loader = DataLoader(train_set, args.micro_batch, shuffle=True, drop_last=True)
    valid_loader = DataLoader(valid_set, 60)

    net = make_net(len(classes)).to(device)
    opt = torch.optim.SGD(net.parameters(), lr=args.lr, momentum=0.9, weight_decay=5e-4)
    per_epoch = math.ceil(len(train_loader) / args.accum)
    warm, total = args.warmup * per_epoch, args.epochs * per_epoch

    def rate(step):
        if step < warm:
            return step / warm
        return 0.5 + 0.5 * math.cos(math.pi * (step - warm) / (total - warm))

    sched = torch.optim.lr_scheduler.LambdaLR(opt, rate)
    loss_fn = nn.CrossEntropyLoss(label_smoothing=0.05)
    best = {"acc": 0.0}
    for epoch in range(args.epochs):
        start = time.time()
        train_loss = train_epoch(net, train_loader, opt, sched, loss_fn, device, args.accum, f"fold {fold} epoch {epoch}")
        logits, truth = predict(net, valid_loader, device)
        acc = (logits.argmax(1) == truth).float().mean().item()
        val_loss = nn.functional.cross_entropy(logits, truth).item()
        print(f"fold {fold} epoch {epoch}: train {train_loss:.3f}, valid {val_loss:.3f}, accuracy {acc:.3f} "
              f"({time.time() - start:.0f} s)", flush=True)
        if acc > best["acc"]:
            best = {"acc": acc, "loss": val_loss, "epoch": epoch}
            torch.save(net.state_dict(), args.out / f"fold{fold}.pt")
    return best


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--root", type=Path, default=Path("field"))
    p.add_argument("--out", type=Path, default=Path("runs/field"))
    p.add_argument("--k", type=int, default=5)
    p.add_argument("--folds", type=int, nargs="*", default=None)
    p.add_argument("--epochs", type=int, default=20)
    p.add_argument("--size", type=int, default=48)
    p.add_argument("--micro-batch", type=int, default=16)
    p.add_argument("--accum", type=int, default=2)
    p.add_argument("--lr", type=float, default=0.03)
    p.add_argument("--warmup", type=int, default=2, help="epochs")
    p.add_argument("--seed", type=int, default=29)
    args = p.parse_args()
    random.seed(args.seed)
    np.random.seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    frame = add_folds(pd.read_csv(args.root / "train.csv"), args.k, args.seed)
    classes = sorted(frame["kind"].unique())
    print(pd.crosstab(frame["kind"], frame["fold"]))
    results = {}
    for fold in args.folds if args.folds else range(args.k):
        results[fold] = run_fold(fold, frame, classes, args, device)
        (args.out / "folds.json").write_text(json.dumps(results, indent=1))
    accs = [r["acc"] for r in results.values()]
    print(f"accuracy over {len(accs)} folds: {np.mean(accs):.3f} +- {np.std(accs):.3f}")


if __name__ == "__main__":
    main()
