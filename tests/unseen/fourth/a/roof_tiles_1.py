"""Roof material from drone pictures.

data/tiles/tile_00000.png ... tile_11839.png   one tile per building, 160 x 160 RGB
data/labels.npy                                one number per tile, in the order of the tile numbers
    0 concrete   1 metal   2 clay   3 thatch   4 other
"""
import glob
import random

import numpy as np
import torch
import torch.nn as nn
from PIL import Image
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, Dataset
from torchvision import models
from torchvision import transforms as T

SEED = 7
BATCH = 64
EPOCHS = 25
LR = 2e-4
N_CLASSES = 5
dev = "cuda" if torch.cuda.is_available() else "cpu"

random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)

files = sorted(glob.glob("data/tiles/tile_*.png"))
labels = np.load("data/labels.npy")
assert len(files) == len(labels), (len(files), len(labels))
print("tiles:", len(files), " per class:", np.bincount(labels, minlength=N_CLASSES))

norm = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
tf_train = T.Compose([
    T.RandomHorizontalFlip(),
    T.RandomVerticalFlip(),
    T.ColorJitter(0.2, 0.2, 0.1),
    T.ToTensor(),
    norm,
])
tf_val = T.Compose([T.ToTensor(), norm])


class Roofs(Dataset):
    def __init__(self, indices, tf):
        self.indices = indices
        self.tf = tf

    def __len__(self):
        return len(self.indices)

    def __getitem__(self, k):
        i = self.indices[k]
        img = Image.open(files[i]).convert("RGB")
        return self.tf(img), int(labels[i])


tr, va = train_test_split(np.arange(len(files)), test_size=0.15, stratify=labels, random_state=SEED)
train_dl = DataLoader(Roofs(tr, tf_train), BATCH, shuffle=True, num_workers=6, pin_memory=True, drop_last=True)
val_dl = DataLoader(Roofs(va, tf_val), BATCH * 2, shuffle=False, num_workers=6, pin_memory=True)

net = models.resnet34(weights=models.ResNet34_Weights.IMAGENET1K_V1)
net.fc = nn.Linear(net.fc.in_features, N_CLASSES)
net = net.to(dev)

opt = torch.optim.AdamW(net.parameters(), lr=LR, weight_decay=1e-4)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=EPOCHS)
loss_fn = nn.CrossEntropyLoss()

best = 0.0
for epoch in range(1, EPOCHS + 1):
    net.train()
    total, seen = torch.zeros((), device=dev), 0
    for x, y in train_dl:
        x, y = x.to(dev, non_blocking=True), y.to(dev, non_blocking=True)
        opt.zero_grad()
        loss = loss_fn(net(x), y)
        loss.backward()
        opt.step()
        total += loss.detach() * len(y)
        seen += len(y)
    sched.step()

    net.eval()
    hits, n = torch.zeros((), device=dev), 0
    with torch.no_grad():
        for x, y in val_dl:
            x, y = x.to(dev, non_blocking=True), y.to(dev, non_blocking=True)
            hits += (net(x).argmax(1) == y).sum()
            n += len(y)
    acc = hits.item() / n
    print(f"{epoch:3d}  train loss {total.item() / seen:.4f}  val acc {acc:.4f}")
    if acc > best:
        best = acc
        torch.save(net.state_dict(), "roofs_best.pt")
