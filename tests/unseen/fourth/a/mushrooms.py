"""
Mushroom species from photographs.

    python mushrooms.py --csv-train train.csv --csv-val val.csv --root photos
    python mushrooms.py ... --resume runs/mushrooms/last.pt      # after the queue has killed the job

CSV: path,species_id   (species_id is 0..99)
"""
import argparse
import os
import random

import albumentations as A
import cv2
import numpy as np
import pandas as pd
import torch
import torch.nn as nn
from albumentations.pytorch import ToTensorV2
from torch.utils.data import DataLoader, Dataset
from torchvision.models import efficientnet_v2_s

NUM_SPECIES = 100
IMAGENET = dict(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))


class Photos(Dataset):
    def __init__(self, csv_file, root, aug):
        df = pd.read_csv(csv_file)
        self.paths = [os.path.join(root, p) for p in df.path]
        self.y = df.species_id.to_numpy(dtype=np.int64)
        self.aug = aug

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, idx):
        image = cv2.cvtColor(cv2.imread(self.paths[idx]), cv2.COLOR_BGR2RGB)
        return self.aug(image=image)["image"], torch.tensor(self.y[idx])


def build_aug(size, train):
    if train:
        steps = [
            A.RandomResizedCrop(size=(size, size), scale=(0.5, 1.0)),
            A.HorizontalFlip(p=0.5),
            A.RandomBrightnessContrast(p=0.3),
            A.HueSaturationValue(p=0.2),
        ]
    else:
        steps = [A.SmallestMaxSize(max_size=size), A.CenterCrop(size, size)]
    return A.Compose(steps + [A.Normalize(**IMAGENET, max_pixel_value=255.0), ToTensorV2()])


def evaluate(net, loader, device):
    net.eval()
    top1 = torch.zeros((), device=device)
    n = 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            with torch.cuda.amp.autocast():
                out = net(x)
            top1 += (out.argmax(1) == y).sum()
            n += y.size(0)
    return (top1 / n).item()


def main(a):
    random.seed(a.seed)
    np.random.seed(a.seed)
    torch.manual_seed(a.seed)
    os.makedirs(a.run, exist_ok=True)
    device = torch.device("cuda")

    kw = dict(num_workers=a.workers, pin_memory=True, persistent_workers=True)
    train_loader = DataLoader(Photos(a.csv_train, a.root, build_aug(a.size, True)),
                              batch_size=a.batch, shuffle=True, drop_last=True, **kw)
    val_loader = DataLoader(Photos(a.csv_val, a.root, build_aug(a.size, False)), batch_size=a.batch, **kw)

    net = efficientnet_v2_s(weights="IMAGENET1K_V1")
    net.classifier[1] = nn.Linear(net.classifier[1].in_features, NUM_SPECIES)
    net.to(device)

    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    opt = torch.optim.AdamW(net.parameters(), lr=a.lr, weight_decay=0.01)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=a.epochs)
    scaler = torch.cuda.amp.GradScaler()
    first, best = 0, 0.0

    if a.resume:
        state = torch.load(a.resume, map_location=device)
        net.load_state_dict(state["net"])  # fault: C333
        print("continuing from", a.resume)

    for epoch in range(first, a.epochs):
        net.train()
        loss_sum = torch.zeros((), device=device)
        for x, y in train_loader:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            opt.zero_grad(set_to_none=True)
            with torch.cuda.amp.autocast():
                loss = criterion(net(x), y)
            scaler.scale(loss).backward()
            scaler.unscale_(opt)
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            scaler.step(opt)
            scaler.update()
            loss_sum += loss.detach()
        sched.step()

        acc = evaluate(net, val_loader, device)
        print(f"epoch {epoch}: loss {loss_sum.item() / len(train_loader):.3f}  val {acc:.4f}  lr {opt.param_groups[0]['lr']:.2e}")
        best_now = acc > best
        best = max(acc, best)
        ckpt = {
            "net": net.state_dict(),
            "opt": opt.state_dict(),
            "sched": sched.state_dict(),
            "scaler": scaler.state_dict(),
            "epoch": epoch,
            "best": best,
        }
        torch.save(ckpt, os.path.join(a.run, "last.pt"))
        if best_now:
            torch.save(net.state_dict(), os.path.join(a.run, "best_weights.pt"))


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--csv-train", required=True)
    ap.add_argument("--csv-val", required=True)
    ap.add_argument("--root", required=True)
    ap.add_argument("--run", default="runs/mushrooms")
    ap.add_argument("--resume", default="")
    ap.add_argument("--size", type=int, default=288)
    ap.add_argument("--batch", type=int, default=40)
    ap.add_argument("--epochs", type=int, default=30)
    ap.add_argument("--lr", type=float, default=2e-4)
    ap.add_argument("--workers", type=int, default=8)
    ap.add_argument("--seed", type=int, default=5)
    main(ap.parse_args())
