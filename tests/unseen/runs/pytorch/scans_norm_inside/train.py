"""
The network takes raw bytes: scaling and normalisation are its first layer, so that the exported model can be fed
with what the scanner gives.  (The loader therefore hands over uint8.)
"""
import os

import numpy as np
import pandas as pd
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import models

SIDE = 160


class ByteScans(Dataset):
    def __init__(self, table, train):
        t = pd.read_csv(table)
        self.paths, self.labels = list(t["path"]), list(t["label"])
        self.train = train

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        img = Image.open(self.paths[i]).convert("RGB")
        side = SIDE + 16 if self.train else SIDE
        a = np.array(img.resize((side, side), Image.BILINEAR))
        if self.train:
            top, left = torch.randint(0, 17, (2,)).tolist()
            a = a[top:top + SIDE, left:left + SIDE]
            if torch.rand(()) < 0.5:
                a = a[:, ::-1]
        return torch.from_numpy(np.ascontiguousarray(a)).permute(2, 0, 1), self.labels[i]


class Normalise(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1) * 255)
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1) * 255)

    def forward(self, x):
        return (x.float() - self.mean) / self.std


class ScanNet(nn.Module):
    def __init__(self, classes, weights=None):
        super().__init__()
        self.norm = Normalise()
        self.backbone = models.resnet18(weights=None)
        if weights:
            self.backbone.load_state_dict(torch.load(weights, map_location="cpu"))
        self.backbone.fc = nn.Linear(self.backbone.fc.in_features, classes)

    def forward(self, x):
        return self.backbone(self.norm(x))


def fit(net, train, val, epochs, lr, device):
    head = {id(p) for p in net.backbone.fc.parameters()}
    opt = torch.optim.Adam([
        {"params": [p for p in net.parameters() if id(p) not in head], "lr": lr / 10},
        {"params": [p for p in net.parameters() if id(p) in head]},
    ], lr=lr)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=epochs)
    best = 0.0
    for epoch in range(epochs):
        net.train()
        for x, y in train:
            loss = nn.functional.cross_entropy(net(x.to(device)), y.to(device))
            opt.zero_grad()
            loss.backward()
            opt.step()
        sched.step()
        net.eval()
        with torch.no_grad():
            ok = sum((net(x.to(device)).argmax(1).cpu() == y).sum().item() for x, y in val)
        acc = ok / len(val.dataset)
        print(epoch, f"{acc:.4f}")
        if acc > best:
            best = acc
            torch.save(net.state_dict(), "scannet.pt")


def main():
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train = DataLoader(ByteScans("scans_train.csv", True), 32, shuffle=True, num_workers=2)
    val = DataLoader(ByteScans("scans_val.csv", False), 64, num_workers=2)
    weights = os.path.join("weights", "resnet18.pth")
    net = ScanNet(3, weights).to(device)
    fit(net, train, val, epochs=25, lr=1e-3, device=device)


if __name__ == "__main__":
    main()
