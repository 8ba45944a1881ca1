"""Uneven wildlife pictures with Accelerate; rare species are topped up before training."""
import argparse

import numpy as np
import pandas as pd
import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import models, transforms as T


class Species(Dataset):
    def __init__(self, table, root, names, transform):
        self.paths = [f"{root}/{p}" for p in table["image"]]
        self.labels = [names.index(s) for s in table["species"]]
        self.transform = transform

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        with Image.open(self.paths[i]) as im:
            return self.transform(im.convert("RGB")), self.labels[i]


def balance(table, seed):
    target = table["species"].value_counts().max()
    parts = []
    for _, group in table.groupby("species"):
        extra = target - len(group)
        parts.append(group)
        if extra > 0:
            parts.append(group.sample(extra, replace=True, random_state=seed))
    return pd.concat(parts, ignore_index=True)


def prepare_tables(path, seed, val_share=0.2):
    table = pd.read_csv(path)
    names = sorted(table["species"].unique())
    table = balance(table, seed).sample(frac=1.0, random_state=seed).reset_index(drop=True)
    n_val = int(len(table) * val_share)
    return table.iloc[n_val:], table.iloc[:n_val], names


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--root", default="wild")
    p.add_argument("--epochs", type=int, default=40)
    p.add_argument("--batch_size", type=int, default=32)
    p.add_argument("--lr", type=float, default=0.02)
    a = p.parse_args()
    set_seed(15)
    acc = Accelerator(cpu=True)

    norm = T.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    train_tf = T.Compose([T.RandomHorizontalFlip(), T.RandomCrop(48, 5, padding_mode="reflect"), T.ToTensor(), norm])
    train_t, val_t, names = prepare_tables(f"{a.root}/index.csv", seed=15)
    train_dl = DataLoader(Species(train_t, a.root, names, train_tf), a.batch_size, shuffle=True, drop_last=True)
    val_dl = DataLoader(Species(val_t, a.root, names, T.Compose([T.ToTensor(), norm])), 64)
    acc.print(train_t["species"].value_counts().to_dict(), len(val_t))

    model = models.resnet18(num_classes=len(names))
    model.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
    model.conv1.stride = (2, 2)
    model.maxpool = nn.Identity()
    optimizer = torch.optim.SGD(model.parameters(), lr=a.lr, momentum=0.9, weight_decay=5e-4)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, a.epochs)
    model, optimizer, train_dl, val_dl = acc.prepare(model, optimizer, train_dl, val_dl)
    loss_fn = nn.CrossEntropyLoss()

    for epoch in range(a.epochs):
        model.train()
        running = 0.0
        for x, y in train_dl:
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            acc.backward(loss)
            acc.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            running += loss.item()
        scheduler.step()

        model.eval()
        hit, seen = torch.zeros(len(names)), torch.zeros(len(names))
        with torch.inference_mode():
            for x, y in val_dl:
                guess, y = acc.gather_for_metrics((model(x).argmax(1), y))
                for c in range(len(names)):
                    seen[c] += (y == c).sum()
                    hit[c] += ((guess == c) & (y == c)).sum()
        acc.print(f"epoch {epoch}: loss {running / len(train_dl):.4f} acc {hit.sum() / seen.sum():.4f} "
                  f"per class {np.round((hit / seen).tolist(), 3).tolist()}")


if __name__ == "__main__":
    main()
