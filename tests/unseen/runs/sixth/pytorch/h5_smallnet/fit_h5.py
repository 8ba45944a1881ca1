# Small conv net on an hdf5 file (train/images, train/labels, valid/images, valid/labels).
import sys

import h5py
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

FILE = sys.argv[1] if len(sys.argv) > 1 else "objects.h5"
EPOCHS = 80
BATCH = 50
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
torch.manual_seed(0)


def load(group):
    with h5py.File(FILE, "r") as f:
        images = f[group]["images"][()]
        labels = f[group]["labels"][()]
    n, side = images.shape[0], images.shape[1]
    images = images.astype(np.float32) / 255.0
    images = images.reshape(n, 3, side, side)
    return torch.from_numpy(images), torch.from_numpy(labels).long()


def conv(cin, cout, stride=1):
    return nn.Sequential(nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout), nn.ReLU(inplace=True))


class SmallNet(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.body = nn.Sequential(
            conv(3, 32), conv(32, 32), nn.MaxPool2d(2),
            conv(32, 64), conv(64, 64), nn.MaxPool2d(2),
            conv(64, 128), conv(128, 128), nn.AdaptiveAvgPool2d(1))
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(128, classes)

    def forward(self, x):
        return self.out(self.drop(self.body(x).flatten(1)))


x_train, y_train = load("train")
x_valid, y_valid = load("valid")
mean = x_train.mean(dim=(0, 2, 3), keepdim=True)
std = x_train.std(dim=(0, 2, 3), keepdim=True)
x_train = (x_train - mean) / std
x_valid = (x_valid - mean) / std
print(x_train.shape, x_valid.shape, mean.flatten().tolist(), std.flatten().tolist())

train_loader = DataLoader(TensorDataset(x_train, y_train), BATCH, shuffle=True)
valid_loader = DataLoader(TensorDataset(x_valid, y_valid), 100)

net = SmallNet().to(DEVICE)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-4)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=6)

for epoch in range(EPOCHS):
    net.train()
    running = 0.0
    for xb, yb in train_loader:
        xb, yb = xb.to(DEVICE), yb.to(DEVICE)
        flip = torch.rand(len(xb), device=DEVICE) < 0.5
        xb = torch.where(flip[:, None, None, None], xb.flip(-1), xb)
        optimizer.zero_grad()
        loss = F.cross_entropy(net(xb), yb)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(yb)

    net.eval()
    vloss, hits = 0.0, 0
    with torch.no_grad():
        for xb, yb in valid_loader:
            xb, yb = xb.to(DEVICE), yb.to(DEVICE)
            logits = net(xb)
            vloss += F.cross_entropy(logits, yb, reduction="sum").item()
            hits += (logits.argmax(1) == yb).sum().item()
    vloss /= len(y_valid)
    plateau.step(vloss)
    print(f"epoch {epoch + 1}/{EPOCHS} loss {running / len(y_train):.4f} "
          f"val_loss {vloss:.4f} val_acc {hits / len(y_valid):.4f}")
