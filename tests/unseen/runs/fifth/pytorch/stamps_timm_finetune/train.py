import argparse
import random

import pandas as pd
import timm
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms as T


class Stamps(Dataset):
    def __init__(self, frame, folder, classes, transform):
        self.rows = list(frame.itertuples(index=False))
        self.folder, self.transform = folder, transform
        self.index = {c: i for i, c in enumerate(classes)}

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        row = self.rows[i]
        img = Image.open(f"{self.folder}/{row.file}").convert("RGB")
        return self.transform(img), self.index[row.label]


class Classifier:
    """Thin wrapper so that the same class can be used from the notebook."""

    def __init__(self, arch, lr, weight_decay):
        self.model = timm.create_model(arch, pretrained=False)
        self.opt = torch.optim.AdamW(self.model.parameters(), lr=lr, weight_decay=weight_decay)
        self.loss = nn.CrossEntropyLoss(label_smoothing=0.05)

    def set_classes(self, names):
        self.names = names
        self.model.reset_classifier(len(names))
        return self

    def fit(self, train_dl, val_dl, epochs):
        sched = torch.optim.lr_scheduler.CosineAnnealingLR(self.opt, T_max=epochs)
        for epoch in range(epochs):
            self.model.train()
            seen = total = 0
            for x, y in train_dl:
                self.opt.zero_grad(set_to_none=True)
                loss = self.loss(self.model(x), y)
                loss.backward()
                self.opt.step()
                total += loss.item() * len(y)
                seen += len(y)
            sched.step()
            print(f"[{epoch + 1}/{epochs}] loss {total / seen:.4f}  val acc {self.score(val_dl):.3f}", flush=True)

    @torch.no_grad()
    def score(self, dl):
        self.model.eval()
        hit = n = 0
        for x, y in dl:
            hit += (self.model(x).argmax(1) == y).sum().item()
            n += len(y)
        return hit / n


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--data", default="stamps")
    p.add_argument("--arch", default="resnet10t")
    p.add_argument("--epochs", type=int, default=40)
    p.add_argument("--batch", type=int, default=24)
    p.add_argument("--lr", type=float, default=1e-3)
    args = p.parse_args()
    torch.manual_seed(11)

    frame = pd.read_csv(f"{args.data}/index.csv")
    classes = sorted(frame.label.unique())
    order = list(range(len(frame)))
    random.Random(11).shuffle(order)
    cut = int(0.8 * len(order))
    norm = T.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    train_tf = T.Compose([T.RandomAffine(12, translate=(0.08, 0.08), scale=(0.85, 1.1), fill=255),
                          T.ColorJitter(0.2, 0.2, 0.2), T.Resize(80), T.ToTensor(), norm])
    val_tf = T.Compose([T.Resize(80), T.ToTensor(), norm])
    train_ds = Stamps(frame.iloc[order[:cut]], f"{args.data}/images", classes, train_tf)
    val_ds = Stamps(frame.iloc[order[cut:]], f"{args.data}/images", classes, val_tf)
    print(len(train_ds), "train", len(val_ds), "val", classes)

    learner = Classifier(args.arch, args.lr, 0.02).set_classes(classes)
    learner.fit(DataLoader(train_ds, args.batch, shuffle=True, drop_last=True),
                DataLoader(val_ds, 64), args.epochs)


if __name__ == "__main__":
    main()
