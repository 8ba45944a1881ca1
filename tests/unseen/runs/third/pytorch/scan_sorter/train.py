# Sort the scanned stickers into their ten drawers.
# usage: python train.py [epochs]
import os
import random
import sys
import time
from glob import glob

import numpy as np
import pandas as pd
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as T
from PIL import Image
from torch.utils.data import DataLoader, Dataset

SEED = 17
IMG_DIR = "scans/img"
CSV = "scans/labels.csv"
OUT = "runs/scan_sorter"
BATCH = 32
LR = 0.01
EPOCHS = int(sys.argv[1]) if len(sys.argv) > 1 else 40
VAL_FRACTION = 0.2

random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
os.makedirs(OUT, exist_ok=True)

# ------------------------------------------------------------------ the table
table = pd.read_csv(CSV)
drawers = sorted(table["label"].unique())
to_number = {name: i for i, name in enumerate(drawers)}
paths = sorted(glob(os.path.join(IMG_DIR, "*.png")))
targets = table["label"].map(to_number).tolist()
assert len(paths) == len(targets), f"{len(paths)} pictures but {len(targets)} rows"
print(f"{len(paths)} scans, {len(drawers)} drawers")
print(table["label"].value_counts().to_string())

# stratified split: the same share of every drawer is held out
train_idx, val_idx = [], []
for number in range(len(drawers)):
    members = [i for i, t in enumerate(targets) if t == number]
    random.shuffle(members)
    cut = int(len(members) * VAL_FRACTION)
    val_idx += members[:cut]
    train_idx += members[cut:]
assert not set(train_idx) & set(val_idx)

# ------------------------------------------------------------------ data
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)

train_tf = T.Compose([
    T.RandomCrop(48, padding=4, padding_mode="reflect"),
    T.RandomHorizontalFlip(),
    T.ColorJitter(0.2, 0.2, 0.2),
    T.ToTensor(),
    T.Normalize(MEAN, STD),
])
val_tf = T.Compose([T.ToTensor(), T.Normalize(MEAN, STD)])


class Scans(Dataset):
    def __init__(self, indices, transform):
        self.indices = indices
        self.transform = transform

    def __len__(self):
        return len(self.indices)

    def __getitem__(self, k):
        i = self.indices[k]
        with Image.open(paths[i]) as img:
            img = img.convert("RGB")
        return self.transform(img), targets[i]


train_loader = DataLoader(Scans(train_idx, train_tf), batch_size=BATCH, shuffle=True, drop_last=True)
val_loader = DataLoader(Scans(val_idx, val_tf), batch_size=64, shuffle=False)
print(f"{len(train_idx)} to train on, {len(val_idx)} held out")

# ------------------------------------------------------------------ network
net = torchvision.models.resnet18(weights=None)
net.fc = nn.Linear(net.fc.in_features, len(drawers))
net = net.to(device)
print(f"{sum(p.numel() for p in net.parameters()) / 1e6:.2f} M parameters on {device}")

criterion = nn.CrossEntropyLoss(label_smoothing=0.05)
optimizer = torch.optim.SGD(net.parameters(), lr=LR, momentum=0.9, weight_decay=5e-4, nesterov=True)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=EPOCHS)

# ------------------------------------------------------------------ training
best = 0.0
log = open(os.path.join(OUT, "log.csv"), "w")
log.write("epoch,lr,train_loss,train_acc,val_loss,val_acc\n")
for epoch in range(EPOCHS):
    net.train()
    start = time.time()
    total, right, loss_sum = 0, 0, 0.0
    for step, (x, y) in enumerate(train_loader):
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        out = net(x)
        loss = criterion(out, y)
        loss.backward()
        optimizer.step()
        total += y.size(0)
        right += (out.argmax(1) == y).sum().item()
        loss_sum += loss.item() * y.size(0)
        if step % 10 == 0:
            print(f"epoch {epoch + 1} step {step}/{len(train_loader)} loss {loss.item():.4f}", flush=True)
    train_loss, train_acc = loss_sum / total, right / total

    net.eval()
    total, right, loss_sum = 0, 0, 0.0
    with torch.no_grad():
        for x, y in val_loader:
            x, y = x.to(device), y.to(device)
            out = net(x)
            loss_sum += nn.functional.cross_entropy(out, y, reduction="sum").item()
            right += (out.argmax(1) == y).sum().item()
            total += y.size(0)
    val_loss, val_acc = loss_sum / total, right / total
    lr = optimizer.param_groups[0]["lr"]
    scheduler.step()

    print(f"epoch {epoch + 1}/{EPOCHS} lr {lr:.4f} train {train_loss:.4f} {train_acc:.2%} "
          f"val {val_loss:.4f} {val_acc:.2%} ({time.time() - start:.0f} s)", flush=True)
    log.write(f"{epoch + 1},{lr},{train_loss},{train_acc},{val_loss},{val_acc}\n")
    log.flush()
    if val_acc > best:
        best = val_acc
        torch.save({"net": net.state_dict(), "drawers": drawers, "epoch": epoch + 1}, os.path.join(OUT, "best.pt"))
log.close()
print(f"best {best:.2%}")
