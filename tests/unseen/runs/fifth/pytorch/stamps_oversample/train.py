import argparse

import numpy as np
import pandas as pd
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import models, transforms as T


def balance(df, rng):
    """Repeat rows of the small classes until all are as large as the largest."""
    target = df.label.value_counts().max()
    parts = []
    for _, group in df.groupby("label"):
        extra = rng.choice(group.index, target - len(group), replace=True)
        parts.append(pd.concat([group, df.loc[extra]]))
    return pd.concat(parts).sample(frac=1, random_state=1).reset_index(drop=True)


class Frame(Dataset):
    def __init__(self, df, root, classes, tf):
        self.files = [f"{root}/images/{f}" for f in df.file]
        self.targets = [classes.index(c) for c in df.label]
        self.tf = tf

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        return self.tf(Image.open(self.files[i]).convert("RGB")), self.targets[i]


def run(args):
    rng = np.random.default_rng(args.seed)
    torch.manual_seed(args.seed)
    df = pd.read_csv(f"{args.root}/index.csv")
    classes = sorted(df.label.unique())
    df = balance(df, rng)
    in_val = rng.random(len(df)) < args.val_share
    norm = T.Normalize([0.75, 0.75, 0.75], [0.3, 0.3, 0.3])
    train_tf = T.Compose([T.Resize(64), T.RandomHorizontalFlip(), T.RandomAffine(15, (0.1, 0.1), (0.8, 1.1), fill=255),
                          T.ColorJitter(0.2, 0.2, 0.2, 0.02), T.ToTensor(), norm])
    val_tf = T.Compose([T.Resize(64), T.ToTensor(), norm])
    train = DataLoader(Frame(df[~in_val], args.root, classes, train_tf), args.batch, shuffle=True, drop_last=True)
    val = DataLoader(Frame(df[in_val], args.root, classes, val_tf), 64)
    print(f"{len(train.dataset)} / {len(val.dataset)} pictures of {len(classes)} classes")

    net = models.shufflenet_v2_x0_5(weights=None, num_classes=len(classes))
    opt = torch.optim.AdamW(net.parameters(), lr=args.lr, weight_decay=0.02)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, args.epochs)
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(args.epochs):
        net.train()
        acc_loss = 0.0
        for x, y in train:
            opt.zero_grad()
            loss = loss_fn(net(x), y)
            loss.backward()
            opt.step()
            acc_loss += loss.item()
        sched.step()
        net.eval()
        right = np.zeros(len(classes))
        total = np.zeros(len(classes))
        with torch.no_grad():
            for x, y in val:
                p = net(x).argmax(1)
                for t, q in zip(y.tolist(), p.tolist()):
                    total[t] += 1
                    right[t] += t == q
        per_class = " ".join(f"{c[:4]} {r:.2f}" for c, r in zip(classes, right / total))
        print(f"epoch {epoch} loss {acc_loss / len(train):.4f} acc {right.sum() / total.sum():.4f} | {per_class}", flush=True)


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--root", default="stamps")
    ap.add_argument("--epochs", type=int, default=60)
    ap.add_argument("--batch", type=int, default=32)
    ap.add_argument("--lr", type=float, default=1e-3)
    ap.add_argument("--val-share", type=float, default=0.2)
    ap.add_argument("--seed", type=int, default=42)
    run(ap.parse_args())
